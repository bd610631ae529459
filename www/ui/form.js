// Fields of a form with their errors beside them.
//
//   const name = field({ name: "name", label: t("floor.name"), required: true, maxlength: 50 });
//   form.append(name);  showErrors(form, error.fields)  or  showProblem(form, error)
//
// field(): an <input>, or by `options` a <select>, or by `rows` a <textarea>, with label, hint and a place for its
// error that is read out. What the browser knows of validity is said in its own words (checkForm).

import { el } from "./dom.js";
import { explain, explainField } from "./explain.js";
import { icon } from "./icon.js";

let count = 0;

export function field({ name, label, hint = "", options = null, rows = 0, value = "", ...props }) {
  count += 1;
  const id = `field-${name}-${count}`;
  const common = { ...props, id, name, class: "input", "aria-describedby": `${id}-hint ${id}-error` };
  const input = control(common, { options, rows, value });
  input.addEventListener("input", () => setError(input, ""));
  return el("div", { class: "field" }, el("label", { for: id }, label), input,
    el("p", { class: "field-hint", id: `${id}-hint`, hidden: !hint }, hint),
    el("p", { class: "field-error", id: `${id}-error`, role: "alert" }));
}

function control(props, { options, rows, value }) {
  if (options) {
    return el("select", props, options.map((one) => el("option", { value: one.value, selected: String(one.value) === String(value) }, one.label)));
  }
  if (rows) {
    const area = el("textarea", { ...props, rows });
    area.value = value ?? "";
    return area;
  }
  return el("input", { ...props, value: value ?? "" });
}

const errorOf = (input) => input.closest(".field")?.querySelector(".field-error");

function setError(input, text) {
  if (text) input.setAttribute("aria-invalid", "true");
  else input.removeAttribute("aria-invalid");
  const place = errorOf(input);
  if (place) place.textContent = text;
}

// The browser's own rules; says what is wrong beside each field. -> is all of it right?
export function checkForm(form) {
  const wrong = [...form.elements].filter((input) => input.willValidate && !input.validity.valid);
  for (const input of wrong) setError(input, input.validationMessage);
  wrong[0]?.focus();
  return wrong.length === 0;
}

// errors: [{field, detail}] as REST gives them. -> those that no field of the form has.
export function showErrors(form, errors, { focus = true } = {}) {
  const left = [];
  let first = null;
  for (const error of errors) {
    const { field: name } = error;
    const detail = explainField(error);
    const input = form.elements.namedItem(name);
    if (!input) left.push(detail);
    else setError(input, detail);
    if (input) first ??= input;
  }
  if (focus) first?.focus();
  return left;
}

// A refusal beside the fields that it names, the rest of it in the form's notices.
export function showProblem({ form, notices }, error) {
  const left = showErrors(form, error.fields);
  const text = error.fields.length && !left.length ? "" : [error.fields.length ? "" : explain(error), ...left].filter(Boolean).join(" ");
  notices.replaceChildren(...(text ? [el("div", { class: "banner", role: "alert", dataset: { tone: "bad" } }, text)] : []));
}

// A box to tick, or with `kind: "switch"` something that is on or off. The label is the whole.
export function check({ name, label, checked = false, kind = "check", ...props }) {
  return el("label", { class: kind }, el("input", { ...props, type: "checkbox", name, checked, role: kind === "switch" && "switch" }), label);
}

// What one looks for: an input with its sign, named for screen readers.
export function searchField({ name = "search", label, placeholder = label, ...props }) {
  return el("span", { class: "search" }, icon("search"),
    el("input", { ...props, class: "input", type: "search", name, placeholder, "aria-label": label, autocomplete: "off" }));
}

export const values = (form) => Object.fromEntries(new FormData(form));
