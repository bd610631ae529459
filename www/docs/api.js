// The API page: /api/openapi.json for people. Open to everybody, like the document; a link to
// #operationId opens that operation.

import { el, skeleton, stateMessage } from "../ui/dom.js";
import { loadStrings } from "../ui/i18n.js";
import { codesNode } from "./codes.js";
import { fetchDocument } from "./fetch.js";
import { inline, markdown } from "./markdown.js";
import { ApiModel, matches } from "./model.js";
import { operationNode } from "./operation.js";

const main = document.getElementById("main");
const place = document.getElementById("document");
const contents = document.getElementById("contents");
const filter = document.getElementById("filter");

async function load() {
  main.setAttribute("aria-busy", "true");
  place.replaceChildren(...skeleton(["6rem", "3rem", "3rem", "3rem"]));
  try {
    draw(new ApiModel(await fetchDocument()));
  } catch (error) {
    const again = el("button", { class: "button", type: "button", onclick: load }, "Try again");
    place.replaceChildren(stateMessage(`The document could not be loaded. ${error.message}`, again));
  }
  main.setAttribute("aria-busy", "false");
}

function draw(model) {
  filter.elements.role.replaceChildren(el("option", { value: "" }, "anybody"), ...model.roles.map((role) => el("option", {}, role)));
  const areas = model.areas.map((area) => areaNode(model, area));
  place.replaceChildren(introduction(model), ...areas, codesNode(model));
  contents.replaceChildren(...model.areas.map(({ name, operations }) => el("section", {}, el("h2", {}, el("a", { href: `#area-${name}` }, name)),
    el("ul", {}, operations.map((op) => el("li", { dataset: { of: op.id } }, el("a", { href: `#${op.id}` },
      el("span", { class: "method", dataset: { method: op.method } }, op.method), " ", op.summary)))))));
  const show = () => apply(model);
  filter.addEventListener("input", show);
  show();
  openNamed();
}

function introduction({ document: { info } }) {
  return el("section", { class: "card api-intro" }, el("h1", {}, info.title, " ", el("small", { class: "muted" }, info.version)),
    markdown(info.description));
}

const areaNode = (model, area) => el("section", { class: "area", id: `area-${area.name}` },
  el("h2", {}, area.name), el("p", { class: "muted" }, inline(area.description)), area.operations.map((op) => operationNode(model, op)));

// Hides what the filter leaves out, here and in the contents.
function apply(model) {
  const wanted = { text: filter.elements.text.value, role: filter.elements.role.value };
  let n = 0;
  for (const op of model.operations) {
    const fits = matches(op, wanted);
    n += fits;
    document.getElementById(op.id).hidden = !fits;
    contents.querySelector(`[data-of="${CSS.escape(op.id)}"]`).hidden = !fits;
  }
  for (const area of place.querySelectorAll(".area")) area.hidden = !area.querySelector(".operation:not([hidden])");
  for (const area of contents.children) area.hidden = !area.querySelector("li:not([hidden])");
  document.getElementById("count").textContent = n === 0 ? "No operation is like that." : `${n} of ${model.operations.length} operations`;
}

function openNamed() {
  const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const details = named?.querySelector(":scope > details");
  if (!details) return;
  details.open = true;
  named.scrollIntoView();
  details.querySelector("summary").focus();
}

filter.addEventListener("submit", (event) => event.preventDefault());
addEventListener("hashchange", openNamed);
await loadStrings(); // of the toasts
document.documentElement.lang = "en"; // the document's, whatever the reader's
load();
