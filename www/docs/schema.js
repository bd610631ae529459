// A JSON Schema as a list of its members, each in a few words; what has members of its own opens.
// Parts of the document that refer to each other in a circle are drawn when they are opened.

import { el } from "../ui/dom.js";
import { inline } from "./markdown.js";
import { words } from "./model.js";

export function schemaNode(model, schema) {
  const { part, name } = model.follow(schema);
  if (!part) return null;
  if (inside(model, part)) return members(model, part, name);
  return el("p", {}, name && el("strong", {}, `${name}: `), words(part), part.description && [". ", inline(part.description)]);
}

// What there is to open behind a schema: the object itself, an array's element, the one that is not null.
function inside(model, schema) {
  const { part } = model.follow(schema);
  if (!part) return null;
  if (part.properties) return part;
  if (part.items) return inside(model, part.items);
  const choice = part.anyOf?.find((one) => one.type !== "null");
  return choice ? inside(model, choice) : null;
}

const many = (model, schema) => {
  const { part } = model.follow(schema);
  return part.type === "array" || [part.type].flat().includes("array") && !!part.items;
};

function members(model, schema, name) {
  const object = inside(model, schema);
  const required = new Set(object.required ?? []);
  return el("div", { class: "schema" },
    name && el("p", { class: "schema-name" }, el("strong", {}, name), many(model, schema) && " (a list)",
      schema.description && [": ", inline(schema.description)]),
    el("ul", {}, Object.entries(object.properties).map(([key, value]) => member(model, key, value, required.has(key)))));
}

function member(model, key, schema, required) {
  const { part, name } = model.follow(schema);
  const nested = inside(model, schema);
  const said = nested ? [many(model, schema) ? "list of " : "", name ?? model.follow(part.items).name ?? "object",
    part.anyOf && ", or null"] : [words(part)];
  const head = [el("code", {}, key), required && el("span", { class: "must", title: "always there" }, "*"), " ",
    el("span", { class: "muted" }, said), part.description && el("span", { class: "help" }, " \u2013 ", inline(part.description))];
  if (!nested) return el("li", {}, head);
  const details = el("details", {}, el("summary", {}, head));
  details.addEventListener("toggle", () => details.append(members(model, nested, null)), { once: true });
  return el("li", {}, details);
}
