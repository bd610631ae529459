// The pages as a person finds them: a rail at the side, on a phone a bar at the bottom with the rest in a menu.
//
// drawRail() makes the places at once, so that nothing jumps; fillRail(rail, pages) puts the links in when it is known
// who is signed in. `pages`: [{href, label, icon, group}], already those that the person may use. Whether the rail is
// narrow is the person's choice, kept by theme.js before the first paint.

import { el } from "./dom.js";
import { t } from "./i18n.js";
import { icon } from "./icon.js";
import { menuButton } from "./menu.js";

const IN_BAR = 4;
const ANY = "square";

export function drawRail() {
  const links = el("div", { class: "rail-links" });
  const fold = el("button", { class: "rail-fold icon-button", type: "button", "aria-label": t("common.narrowRail"),
    "aria-pressed": String(document.documentElement.dataset.rail === "narrow"), onclick: () => toggle(fold) }, icon("panel-left"));
  const node = el("nav", { class: "rail", "aria-label": t("common.pages") },
    el("a", { class: "brand", href: "/" }, el("span", { class: "brand-sign", "aria-hidden": "true" }, icon("concierge-bell")), el("span", { class: "brand-name" }, "maitred")),
    links, fold);
  return { node, links };
}

function toggle(button) {
  const html = document.documentElement;
  const narrow = html.dataset.rail !== "narrow";
  html.dataset.rail = narrow ? "narrow" : "wide";
  localStorage.setItem("maitred.rail", html.dataset.rail);
  button.setAttribute("aria-pressed", String(narrow));
}

const isHere = ({ href }) => location.pathname.startsWith(href);

function link(page, i) {
  return el("a", { class: "rail-link", href: page.href, "aria-current": isHere(page) && "page", dataset: { rest: i >= IN_BAR ? "yes" : "" } },
    icon(page.icon ?? ANY), el("span", {}, t(page.label)));
}

export function fillRail({ links }, pages) {
  const groups = grouped(pages);
  let i = 0;
  links.replaceChildren(...[...groups.values()].map((some) => el("div", { class: "rail-group" }, some.map((page) => link(page, i++)))));
  if (pages.length > IN_BAR + 1) links.append(moreButton(pages.slice(IN_BAR)));
  else links.classList.add("all");
}

function grouped(pages) {
  const groups = new Map();
  for (const page of pages) groups.set(page.group, [...groups.get(page.group) ?? [], page]);
  return groups;
}

function moreButton(pages) {
  const button = el("button", { class: "rail-link rail-more", type: "button", dataset: { here: pages.some(isHere) ? "yes" : "" } },
    icon("ellipsis"), el("span", {}, t("common.morePages")));
  menuButton(button, () => pages.map((page) => ({ label: t(page.label), icon: page.icon ?? ANY, href: page.href })));
  return button;
}
