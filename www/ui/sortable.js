// Headings of a table that sort it: a button each, the order told by aria-sort.
//
//   const head = sortableHead([{ key: "number", label: t("floor.number") }, { label: "" }], { sort: "number", onSort(key, descending) });
//
// -> {node: <tr>, show(key, descending)}. What sorting means is the list's business.

import { el } from "./dom.js";
import { icon } from "./icon.js";

export function sortableHead(columns, { sort = null, descending = false, onSort }) {
  const cells = columns.map(cell);
  const node = el("tr", {}, cells);

  function cell({ key = null, label, number = false, hidden = false }) {
    const name = hidden ? el("span", { class: "visually-hidden" }, label) : label;
    return el("th", { scope: "col", class: number ? "number" : "", dataset: key ? { sort: key } : {} },
      key ? el("button", { class: "sort", type: "button", onclick: () => press(key) }, name, icon("arrow-up")) : name);
  }

  function press(key) {
    show(key, key === sort ? !descending : false);
    onSort(sort, descending);
  }

  function show(key, down) {
    sort = key;
    descending = down;
    for (const one of cells) {
      if (one.dataset.sort && one.dataset.sort === key) one.setAttribute("aria-sort", down ? "descending" : "ascending");
      else one.removeAttribute("aria-sort");
    }
  }

  show(sort, descending);
  return { node, show };
}
