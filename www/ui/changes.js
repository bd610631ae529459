// The history of a booking, a reservation, an order: who changed its status, when, from what to what, and why.
//
//   const changes = makeChanges({ client, formats, title, none, word });   // word(status) -> text
//   panel.append(changes.node);  changes.show("bookings/bkg12", booking.version);  changes.clear();
//
// It is asked for again with every version; an answer that comes too late is dropped.

import { el } from "./dom.js";
import { explain } from "./explain.js";

let count = 0;

export function makeChanges({ client, formats, title, none, word }) {
  count += 1;
  const list = el("ol", { class: "history" });
  const node = el("section", { "aria-labelledby": `changes-${count}` }, el("h3", { id: `changes-${count}` }, title), list);
  let asked = null;

  async function show(path, version) {
    const question = `${path} ${version}`;
    if (question === asked) return;
    asked = question;
    try {
      const { data } = await client.rest.get(`/api/v1/history/${path}?limit=20`);
      if (question === asked) list.replaceChildren(...(data.length ? data.map(row) : [said(none)]));
    } catch (error) {
      if (question === asked) list.replaceChildren(said(explain(error)));
    }
  }

  const said = (text) => el("li", { class: "muted small" }, text);
  const row = ({ at, actor, old_status: from, new_status: to, note }) => el("li", {}, el("div", {}, `${word(from)} \u2192 ${word(to)}`),
    note && el("div", { class: "note" }, note), el("div", { class: "muted small" }, `${formats.day(at)}, ${formats.time(at)} \u00b7 ${actor}`));

  function clear() {
    asked = null;
    list.replaceChildren();
  }

  return { node, show, clear };
}
