// A refusal in a dialog, where it belongs: beside the fields that it names, the rest above the form.
//
// `own` are the page's words for it ("" where it has none). `places`: by the name of a field that is no single input,
// what shows its error: (text, error).

import { el } from "./dom.js";
import { explain, explainField } from "./explain.js";
import { showErrors } from "./form.js";

export function showRefusal(dialog, error, { own = "", places = {} } = {}) {
  const fields = error.fields.map((one) => ({ field: one.field, detail: own || explainField(one) }));
  const [placed, others] = [fields.filter(({ field }) => places[field]), fields.filter(({ field }) => !places[field])];
  for (const { field, detail } of placed) places[field](detail, error);
  const left = showErrors(dialog.form, others);
  const rest = fields.length ? left.join(" ") : own || explain(error);
  dialog.notices.replaceChildren(...(rest ? [el("div", { class: "banner", role: "alert", dataset: { tone: "bad" } }, rest)] : []));
}
