// One operation as an article: what it is, who may, what it takes, what it answers, a call to copy.
// What is long is drawn when it is opened first.

import { el } from "../ui/dom.js";
import { toast } from "../ui/toast.js";
import { inline, markdown } from "./markdown.js";
import { curl, words } from "./model.js";
import { schemaNode } from "./schema.js";

export function operationNode(model, op) {
  const body = el("div", { class: "operation-body" });
  const details = el("details", {}, el("summary", {},
    el("span", { class: "method", dataset: { method: op.method } }, op.method),
    el("code", { class: "path" }, ...breakable(op.path)),
    el("span", { class: "summary" }, op.summary),
    op.deprecated && el("span", { class: "badge", dataset: { tone: "warn" } }, "deprecated")), body);
  details.addEventListener("toggle", () => body.append(...sections(model, op)), { once: true });
  return el("article", { class: "operation", id: op.id, "aria-label": `${op.method} ${op.path}` }, details);
}

// A path may break behind a slash, nowhere else.
const breakable = (path) => path.split(/(?<=\/)/).flatMap((part) => [part, el("wbr")]);

function sections(model, op) {
  return [
    ...markdown(op.description),
    rights(op),
    op.parameters.length > 0 && parameters(op),
    op.body && requestBody(model, op),
    answers(model, op),
    call(op),
  ].filter(Boolean);
}

const titled = (title, ...content) => el("section", {}, el("h4", {}, title), ...content);

function rights(op) {
  const said = op.open ? ["Everybody, without a token."]
    : [op.roles.map((role) => el("span", { class: "badge" }, role)), " with the right ", el("code", {}, op.capability)];
  return titled("Who may", el("p", { class: "roles" }, said));
}

function parameters(op) {
  const row = (p) => el("tr", {}, el("td", {}, el("code", {}, p.name), p.required && el("span", { class: "must" }, "*")),
    el("td", {}, p.in), el("td", {}, words(p.schema)), el("td", {}, inline(p.description ?? "")));
  return titled("Parameters", el("div", { class: "table-scroll", tabindex: "0", role: "group", "aria-label": "Parameters" }, el("table", { class: "table" },
    el("thead", {}, el("tr", {}, ["name", "in", "is", ""].map((head) => el("th", { scope: "col" }, head)))),
    el("tbody", {}, op.parameters.map(row)))));
}

const code = (value) => el("pre", { class: "example", tabindex: "0" }, el("code", {}, JSON.stringify(value, null, 2)));

function requestBody(model, op) {
  return titled(op.body.required ? "Body" : "Body, if any", schemaNode(model, op.body.schema), op.body.example && code(op.body.example));
}

function answers(model, op) {
  return titled("Answers", op.answers.map((answer) => {
    const details = el("details", { class: "answer", open: answer.status.startsWith("2") },
      el("summary", {}, el("strong", { dataset: { status: answer.status[0] } }, answer.status), " ", inline(answer.description)));
    const fill = () => details.append(...[answer.schema && schemaNode(model, answer.schema), answer.example && code(answer.example)].filter(Boolean));
    if (answer.status.startsWith("2")) fill();
    else details.addEventListener("toggle", fill, { once: true });
    return details;
  }));
}

function call(op) {
  const line = curl(op, location.origin);
  const copy = el("button", { class: "button compact", type: "button", onclick: async () => {
    try {
      await navigator.clipboard.writeText(line);
      toast("Copied", { tone: "good" });
    } catch {
      toast("The browser does not let this page copy; select the line instead.", { tone: "bad" });
    }
  } }, "Copy");
  return titled("Call", el("div", { class: "call" }, el("pre", { class: "example", tabindex: "0" }, el("code", {}, line)), copy));
}
