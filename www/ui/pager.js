// The pages of a list: which rows are shown, back, on, and the pages around.
//
//   const pager = makePager({ onPage(page) });  place.append(pager.node);  pager.show({ page, pageSize, total });
//
// Pages count from 1. The buttons keep their place, so that a press can be repeated; words are common's.

import { el } from "./dom.js";
import { t } from "./i18n.js";
import { icon } from "./icon.js";

// The first, the last and those around: 1 … 4 5 6 … 12. A gap is null.
export function pagesAround(page, last) {
  const wanted = [...new Set([1, page - 1, page, page + 1, last])].filter((n) => n >= 1 && n <= last).sort((a, b) => a - b);
  return wanted.flatMap((n, i) => (i && n - wanted[i - 1] === 2 ? [n - 1, n] : i && n - wanted[i - 1] > 1 ? [null, n] : [n]));
}

export function makePager({ onPage, label = t("common.pagesOfList") }) {
  const text = el("span", { class: "muted", role: "status" });
  const pages = el("span", { class: "pager-pages" });
  const back = step("chevron-left", t("common.pageBack"), -1);
  const on = step("chevron-right", t("common.pageOn"), 1);
  const node = el("nav", { class: "pager", "aria-label": label }, text, el("span", { class: "pager-pages" }, back, pages, on));
  let now = 1;

  function step(sign, name, by) {
    return el("button", { class: "button quiet", type: "button", "aria-label": name, onclick: () => onPage(now + by) }, icon(sign));
  }

  function number(n) {
    if (n === null) return el("span", { class: "muted", "aria-hidden": "true" }, "\u2026");
    return el("button", { class: "button quiet", type: "button", "aria-label": t("common.pageNumber", { n }),
      "aria-current": n === now && "page", dataset: { page: n }, onclick: () => onPage(n) }, String(n));
  }

  function show({ page, pageSize, total }) {
    const last = Math.max(1, Math.ceil(total / pageSize));
    const focused = pages.contains(document.activeElement) ? document.activeElement.dataset.page : null;
    now = Math.min(page, last);
    text.textContent = total ? t("common.rowsShown", { from: (now - 1) * pageSize + 1, to: Math.min(now * pageSize, total), of: total })
      : t("common.rowsNone");
    pages.replaceChildren(...pagesAround(now, last).map(number));
    if (focused) pages.querySelector(`[data-page="${focused}"]`)?.focus();
    back.disabled = now <= 1;
    on.disabled = now >= last;
  }

  return { node, show };
}
