// Which table: the best fit first, with who has it in that time.
//
// makeTablePicker(page, {given, except, now, none}) -> {node, value, show({reservations, from, until, partySize}), say(text),
// end()}. `now`: the party sits down at once, so a table with guests is no choice. `none` is the label of the choice that
// names no table. Tables that are taken can be chosen all the same when it is for later: the house decides.

import { el } from "../ui/dom.js";
import { t } from "../ui/i18n.js";
import { keyedList } from "../ui/keyed.js";
import { tablesFor } from "./party.js";
import { badge } from "./words.js";

let count = 0;

export function makeTablePicker(page, { given = null, except = null, now = false, none = null, onPick = () => {} }) {
  count += 1;
  const name = `table-${count}`;
  const { book, formats } = page;
  const list = el("div", { class: "room-choices" });
  const error = el("p", { class: "field-error", role: "alert", id: `${name}-error` });
  const empty = el("p", { class: "muted small" }, t("reservations.noTable"));
  const node = el("fieldset", { class: "field table-picker", "aria-describedby": error.id }, el("legend", {}, t("reservations.table")), list, empty, error);
  let wish = null;
  let picked = null; // what a person chose, else what is suggested

  const offered = () => (wish ? tablesFor({ tables: book.tables, except, ...wish }).filter(({ table }) => !now || table.status !== "occupied") : []);

  function choice(all) {
    const known = (id) => id === 0 || all.some(({ table }) => table.id === id);
    if (picked !== null && known(picked)) return picked;
    if (given && known(given)) return given;
    if (none) return 0;
    return all.find(({ by, small }) => !by && !small)?.table.id ?? all[0]?.table.id ?? 0;
  }

  const drawList = keyedList(list, ({ id }) => {
    const input = el("input", { type: "radio", name, value: id, onchange: () => { picked = id; say(""); onPick(); } });
    const words = el("span", { class: "pick-words" });
    return { node: el("label", { class: "pick", dataset: { choice: id } }, input, words), show(item) {
      input.checked = item.checked;
      words.replaceChildren(...(id ? wordsOf(item) : [el("span", {}, none)]));
    } };
  });

  function wordsOf({ table, by, small }) {
    return [el("strong", {}, table.tableNumber), el("span", { class: "muted small" }, t("reservations.seats", { n: table.capacity })),
      by ? badge(t("reservations.takenAt", { time: formats.time(by.date) }), "bad") : small ? badge(t("reservations.tooSmall"), "warn") : "",
      el("span", { class: "muted small" }, [table.section, table.name].filter(Boolean).join(", "))];
  }

  function draw() {
    const all = offered();
    const chosen = choice(all);
    empty.hidden = all.length > 0 || !wish;
    drawList([...(none ? [{ id: 0, checked: chosen === 0 }] : []), ...all.map((one) => ({ ...one, id: one.table.id, checked: one.table.id === chosen }))]);
  }

  function say(text) {
    error.textContent = text;
    list.toggleAttribute("data-invalid", Boolean(text));
  }

  const off = book.onChange(draw);
  return {
    node, say, end: off,
    get value() { return choice(offered()) || null; },
    show(next) { wish = next; draw(); },
  };
}
