// A refusal in the reader's language: explain(error) of an ApiError, explainField({code, detail}) of one of its fields.
//
// The server's own sentence is English and the more exact one, so English readers get it; in any other language
// the code says what is wrong (strings/LANG/errors.js). Whatever has no words of ours is shown as it came.

import { language, t, tOr } from "./i18n.js";

const BY_STATUS = { 0: "unreachable", 401: "unauthenticated", 403: "forbidden", 404: "not_found", 429: "rate_limited" };

export function explain(error) {
  if (language() === "en" && error.status) return error.message;
  return tOr(`errors.${error.code ?? codeOf(error)}`, error.message);
}

function codeOf({ status }) {
  return BY_STATUS[status] ?? (status >= 500 ? "unavailable" : "");
}

// "must be 1 to 100 characters": the bounds are in the server's sentence.
export function explainField({ code, detail }) {
  if (language() === "en" || !code) return detail;
  const [from, to] = detail.match(/-?\d+(\.\d+)?/g) ?? [];
  if (to !== undefined && code === "range") return t("errors.field_rangeOf", { from, to });
  if (to !== undefined && code === "length") return t("errors.field_lengthOf", { from, to });
  return tOr(`errors.field_${code}`, tOr(`errors.${code}`, detail));
}
