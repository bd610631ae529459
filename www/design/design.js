// The page that shows the design system: every token and part of www/ui, working. Open to everybody.

import { el, figure, setSwatch, skeleton, stateMessage } from "../ui/dom.js";
import { loadStrings, t } from "../ui/i18n.js";
import { icon } from "../ui/icon.js";
import { controls } from "./controls.js";
import { lookButton } from "../ui/account-menu.js";
import { overlays } from "./overlays.js";
import { tables } from "./tables.js";

const COLOURS = ["bg", "surface", "surface-2", "border", "border-strong", "text", "text-muted", "accent", "accent-weak", "good", "good-weak",
  "warn", "warn-weak", "bad", "bad-weak", "info", "info-weak", "dot-good", "dot-warn", "dot-bad", "dot-info", "focus",
  ...Array.from({ length: 10 }, (_, i) => `chart-${i + 1}`)];
const TONES = { good: "design.free", accent: "design.occupied", bad: "design.late", warn: "design.seated", info: "design.online", "": "design.plain" };

const card = (title, content, wide = false) => el("section", { class: `card${wide ? " wide" : ""}` }, el("h2", {}, title), content);

function colours() {
  return el("ul", { class: "tokens" }, COLOURS.map((name) =>
    el("li", { class: "token" }, setSwatch(el("span"), `--${name}`), name)));
}

function type() {
  return [el("p", { class: "type-huge" }, t("design.sizeHuge"), " 1,234"), el("p", { class: "type-title" }, t("design.sizeTitle")),
    el("p", {}, t("design.sizeText")), el("p", { class: "muted small" }, t("design.sizeSmall")),
    el("p", {}, t("design.keys"), " ", el("kbd", {}, "Ctrl"), " ", el("kbd", {}, "K"))];
}

function badges() {
  return [el("div", { class: "button-row" }, Object.entries(TONES).map(([tone, key]) => el("span", { class: "badge", dataset: { tone } }, t(key)))),
    el("div", { class: "button-row" }, ["good", "warn", "bad", "info"].map((tone) => el("span", { class: "dot", dataset: { tone } })),
      el("span", { class: "avatar", "aria-hidden": "true" }, "MW"), figure("sample", 42, "42", { class: "type-huge" })),
    el("p", { class: "muted" }, t("design.cardText"))];
}

function states() {
  return [el("div", { role: "status", "aria-label": t("design.loading") }, skeleton(["1.5rem", "4rem"])),
    stateMessage(t("design.empty"), null, icon("inbox")),
    stateMessage(t("design.failed"), el("button", { class: "button compact", type: "button" }, icon("refresh-cw"), t("common.tryAgain")), icon("cloud-off")),
    el("progress", { class: "progress", max: 100, value: 64, "aria-label": t("design.progress") }),
    el("div", { class: "button-row" }, el("span", { class: "spinner", role: "img", "aria-label": t("design.loading") }))];
}

async function icons() {
  const text = await (await fetch("../ui/icons.txt")).text();
  const names = text.split("\n").filter((line) => line && !line.startsWith("#"));
  return el("ul", { class: "signs" }, names.map((name) => el("li", {}, icon(name), name)));
}

await loadStrings("design");
document.title = `${t("design.title")} \u2013 maitred`;
document.getElementById("choices").append(lookButton());
document.getElementById("parts").append(
  card(t("design.colours"), colours(), true), card(t("design.type"), type()), card(t("design.badges"), badges()),
  ...controls(card), card(t("design.states"), states()), ...tables(card), ...overlays(card),
  card(t("design.icons"), await icons(), true));
document.getElementById("main").removeAttribute("aria-busy");
