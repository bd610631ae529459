// Why an upgrade was refused a browser does not tell (always 1006): the profile does.
//
// sessionCheck(rest, {profile, reached}) -> a function for LiveSocket: "ok", "ended" (sign in again) or
// "unreachable". Used by live-client.js and feed-worker.js.

const PROFILE = "/api/user/profile";
const WITHIN = 5000;

export function sessionCheck(rest, { profile = () => {}, reached = () => {} } = {}) {
  return async () => {
    try {
      const { data } = await rest.get(PROFILE, { within: WITHIN });
      profile(data);
      reached(true);
      return "ok";
    } catch (error) {
      if (error.signedOut) return "ended";
      reached(false);
      return "unreachable";
    }
  };
}
