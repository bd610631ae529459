// The login page: venue, user name and password in, a session cookie out, then on to where the
// visitor wanted to go.
//
// The answer's token is not looked at: the HttpOnly cookie that comes with it is the session.

import { RestClient } from "../lib/rest.js";
import { lookButton } from "../ui/account-menu.js";
import { explain } from "../ui/explain.js";
import { loadStrings, t } from "../ui/i18n.js";
import { setIcon } from "../ui/icon.js";
import { homeOf, rememberExpiry, safeNext } from "../ui/session.js";

const LAST_VENUE = "maitred.venue";
const REQUIRED = { venue: "login.needVenue", username: "login.needUsername", password: "login.needPassword" };
const SAID_BY_STATUS = {
  0: () => t("login.unreachable"),
  401: () => t("login.refused"),
  429: ({ retryAfter }) => (retryAfter ? t("login.tooMany", { n: Math.ceil(retryAfter / 1000) }) : t("login.tooManyLater")),
  503: () => t("login.away"),
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
  submit.textContent = t("login.busy");
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
  submit.textContent = t("login.submit");
}

async function goOn() {
  const next = safeNext(query.get("next") ?? "");
  if (next) return location.replace(next);
  const { data: profile } = await rest.get("/api/user/profile");
  return location.replace(homeOf(profile));
}

function checkFilled() {
  const empty = Object.keys(REQUIRED).filter((name) => !form.elements[name].value.trim());
  for (const name of empty) showFieldError(name, t(REQUIRED[name]));
  if (empty.length) form.elements[empty[0]].focus();
  return !empty.length;
}

function showProblem(error) {
  for (const { field, detail } of error.fields ?? []) {
    if (field in REQUIRED) showFieldError(field, detail);
  }
  problem.textContent = SAID_BY_STATUS[error.status]?.(error) ?? explain(error);
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

// The password in letters, while the button is pressed in.
function startShow() {
  const button = document.getElementById("show");
  button.addEventListener("click", () => {
    const shown = form.elements.password.type === "password";
    form.elements.password.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
    setIcon(button.querySelector(".icon"), shown ? "eye-off" : "eye");
  });
}

await loadStrings("login");
document.title = `${t("login.submit")} \u2013 maitred`;
document.getElementById("look-place").append(lookButton());
startShow();
start();
