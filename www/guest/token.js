// The guest's token: it comes behind the # of the link, which no server and no log ever sees, and moves at once into
// the tab's own memory; the address is clean before anything else happens.

const KEPT = "maitred.guest";

export function takeToken() {
  const fresh = location.hash.slice(1);
  if (fresh) {
    sessionStorage.setItem(KEPT, fresh);
    history.replaceState(null, "", location.pathname);
  }
  return sessionStorage.getItem(KEPT);
}

export const forgetToken = () => sessionStorage.removeItem(KEPT);

// What it is for: {session} or {order}, as the token itself says; null: no token of a guest. The server trusts
// nothing of this, it only says which socket to open.
export function subjectOf(token) {
  try {
    const { role, session, order } = JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
    return role === "guest" && (session || order) ? { session, order } : null;
  } catch {
    return null;
  }
}
