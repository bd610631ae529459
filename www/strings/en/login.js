// English: the way in.
export default {
  title: "Sign in to maitred",
  claim: "The live back of house for restaurants and hotels",
  venue: "Venue",
  username: "User name",
  password: "Password",
  submit: "Sign in",
  busy: "Signing in...",
  show: "Show the password",
  needVenue: "Enter the venue's short name.",
  needUsername: "Enter your user name.",
  needPassword: "Enter your password.",
  unreachable: "The server can't be reached. Check the network and try again.",
  refused: "Venue, user name or password is not right.",
  tooMany: { one: "Too many attempts. Try again in {n} second.", other: "Too many attempts. Try again in {n} seconds." },
  tooManyLater: "Too many attempts. Try again later.",
  away: "The service is not available at the moment. Try again shortly.",
};
