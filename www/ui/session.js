// Who is signed in, and staying so: profile, sign-out, refresh before the token ends.
//
// The token lives in an HttpOnly cookie that no script can read; what is kept here is only the
// time at which it ends, shared by the tabs through localStorage. Used by the login page and by
// the shell of every other page.

const ENDS_AT = "maitred.expiresAt";
const LEAST = 30000;
const LONGEST = 2 ** 31 - 1; // what a timer can hold

export function rememberExpiry(expiresAt) {
  const time = Date.parse(expiresAt ?? "");
  if (Number.isFinite(time)) localStorage.setItem(ENDS_AT, String(time));
}

// Where a person's work is; whoever is not named here begins with the figures.
const HOMES = {
  restaurant: { kitchen: "/kitchen/", waiter: "/waiter/", other: "/restaurant/" },
  hotel: { kitchen: "/kitchen/", frontdesk: "/desk/", other: "/hotel/" },
};

export function homeOf(profile) {
  const homes = HOMES[profile.businessType ?? profile.venue?.kind] ?? HOMES.restaurant;
  return homes[profile.role] ?? homes.other;
}

// Only a path of this site: a crafted link must not send a fresh login elsewhere.
export function safeNext(next) {
  try {
    const url = new URL(next, location.origin);
    return url.origin === location.origin && next.startsWith("/") ? url.pathname + url.search : null;
  } catch {
    return null;
  }
}

let leaving = false; // by the door: whatever else notices that the session has ended need not show the way back

export function goToLogin() {
  if (leaving) return;
  const here = encodeURIComponent(location.pathname + location.search);
  location.replace(`/login/?next=${here}`);
}

export async function signOut(rest) {
  leaving = true;
  try {
    await rest.post("/api/auth/logout");
  } catch (error) {
    leaving = error.signedOut;
    if (!leaving) throw error;
  }
  localStorage.removeItem(ENDS_AT);
  location.replace("/login/");
}

// Refreshes when four fifths of the time that is left have passed; a wall display stays signed in.
export class SessionKeeper {
  #rest;
  #timer = null;
  #onEnded;

  constructor({ rest, onEnded }) {
    this.#rest = rest;
    this.#onEnded = onEnded;
    addEventListener("storage", (event) => {
      if (event.key === ENDS_AT && event.newValue) this.#schedule();
    });
  }

  start() {
    this.#schedule();
  }

  stop() {
    clearTimeout(this.#timer);
  }

  #schedule() {
    clearTimeout(this.#timer);
    const left = Number(localStorage.getItem(ENDS_AT)) - Date.now();
    const delay = left > 0 ? Math.max(LEAST, left * 0.8) : LEAST;
    this.#timer = setTimeout(() => this.#refresh(), Math.min(delay, LONGEST));
  }

  async #refresh() {
    try {
      const { data } = await this.#rest.post("/api/auth/refresh");
      rememberExpiry(data?.expiresAt);
      this.#schedule();
    } catch (error) {
      if (error.signedOut) this.#onEnded();
      else this.#timer = setTimeout(() => this.#refresh(), LEAST);
    }
  }
}
