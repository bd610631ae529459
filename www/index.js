// The front door: whoever is signed in goes to the dashboard of the venue, others to the login page.

import { el, stateMessage } from "./ui/dom.js";
import { RestClient } from "./lib/rest.js";
import { explain } from "./ui/explain.js";
import { loadStrings, t } from "./ui/i18n.js";
import { homeOf } from "./ui/session.js";

async function enter() {
  try {
    const { data } = await new RestClient().get("/api/user/profile");
    location.replace(homeOf(data));
  } catch (error) {
    if (error.signedOut) location.replace("/login/");
    else showTrouble(error);
  }
}

function showTrouble(error) {
  const again = el("button", { class: "button", type: "button", onclick: () => location.reload() }, t("common.tryAgain"));
  document.getElementById("message").replaceChildren(stateMessage(explain(error), again));
}

await loadStrings();
enter();
