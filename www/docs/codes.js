// The table of error codes; each row has its code as its id, which is where a problem's `type` leads.

import { el } from "../ui/dom.js";

export function codesNode(model) {
  return el("section", { class: "card" }, el("h2", {}, "Error codes"),
    el("p", { class: "muted" }, "Those that any operation may answer with. Its own refusals have finer ones, which their `detail` explains."),
    el("div", { class: "table-scroll", tabindex: "0", role: "group", "aria-label": "Codes" }, el("table", { class: "table" },
      el("thead", {}, el("tr", {}, ["code", "status", "meaning"].map((head) => el("th", { scope: "col" }, head)))),
      el("tbody", {}, model.codes.map(({ code, status, title }) => el("tr", { id: code },
        el("td", {}, el("code", {}, code)), el("td", {}, String(status)), el("td", {}, title)))))));
}
