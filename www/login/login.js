// The login page: venue, user name and password in, a session cookie out, then on to where the
// visitor wanted to go.
//
// The answer's token is not looked at: the HttpOnly cookie that comes with it is the session.

import { RestClient } from "../lib/rest.js";
import { homeOf, rememberExpiry, safeNext } from "../ui/session.js";

const LAST_VENUE = "maitred.venue";
const REQUIRED = {
  venue: "Enter the venue's short name.",
  username: "Enter your user name.",
  password: "Enter your password.",
};
const SAID_BY_STATUS = {
  0: () => "The server can't be reached. Check the network and try again.",
  401: () => "Venue, user name or password is not right.",
  429: ({ retryAfter }) => `Too many attempts. Try again ${retryAfter ? `in ${Math.ceil(retryAfter / 1000)} seconds` : "later"}.`,
  503: () => "The service is not available at the moment. Try again shortly.",
};

const form = document.getElementById("login");
const problem = document.getElementById("problem");
const submit = document.getElementById("submit");
const query = new URL(location.href).searchParams;
const rest = new RestClient();

function start() {
  form.elements.venue.value = query.get("venue") ?? localStorage.getItem(LAST_VENUE) ?? "";
  form.elements[form.elements.venue.value ? "username" : "venue"].focus();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearErrors();
    if (checkFilled()) signIn();
  });
}

async function signIn() {
  submit.disabled = true;
  submit.textContent = "Signing in...";
  const { venue, username, password } = Object.fromEntries(new FormData(form));
  try {
    const { data } = await rest.post("/api/auth/login", { venue: venue.trim(), username: username.trim(), password });
    localStorage.setItem(LAST_VENUE, venue.trim());
    rememberExpiry(data.expiresAt);
    await goOn();
  } catch (error) {
    showProblem(error);
  }
  submit.disabled = false;
  submit.textContent = "Sign in";
}

async function goOn() {
  const next = safeNext(query.get("next") ?? "");
  if (next) return location.replace(next);
  const { data: profile } = await rest.get("/api/user/profile");
  return location.replace(homeOf(profile));
}

function checkFilled() {
  const empty = Object.keys(REQUIRED).filter((name) => !form.elements[name].value.trim());
  for (const name of empty) showFieldError(name, REQUIRED[name]);
  if (empty.length) form.elements[empty[0]].focus();
  return !empty.length;
}

function showProblem(error) {
  for (const { field, detail } of error.fields ?? []) {
    if (field in REQUIRED) showFieldError(field, detail);
  }
  problem.textContent = SAID_BY_STATUS[error.status]?.(error) ?? error.message;
  problem.hidden = false;
  form.elements.password.select();
}

function showFieldError(name, text) {
  form.elements[name].setAttribute("aria-invalid", "true");
  const node = document.getElementById(`${name}-error`);
  node.textContent = text;
  node.hidden = false;
}

function clearErrors() {
  problem.hidden = true;
  for (const name of Object.keys(REQUIRED)) {
    form.elements[name].removeAttribute("aria-invalid");
    document.getElementById(`${name}-error`).hidden = true;
  }
}

start();
