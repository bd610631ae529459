// A refusal in the reader's language: explain(error) of an ApiError.
//
// The server's own sentence is English and the more exact one, so English readers get it; in any other language
// the code says what is wrong (strings/LANG/errors.js). Whatever has no words of ours is shown as it came.

import { language, tOr } from "./i18n.js";

export function explain(error) {
  if (language() === "en" && error.status) return error.message;
  return tOr(`errors.${error.code ?? codeOf(error)}`, error.message);
}

const BY_STATUS = { 0: "unreachable", 401: "unauthenticated", 403: "forbidden", 404: "not_found", 429: "rate_limited" };

function codeOf({ status }) {
  return BY_STATUS[status] ?? (status >= 500 ? "unavailable" : "");
}
