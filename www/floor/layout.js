// Editing the layout: tables are moved by dragging or by the arrow keys and shaped in the inspector; nothing is
// saved before Save. What others change meanwhile shows, but does not move what is moved here.
//
// makeLayout({plan, root, bar, inspector, tables, save, redraw}) -> {editing, drafts, selected, start(floor), press(table)}. Owns
// the drafts and their undo.

import { confirmDialog } from "../ui/dialog.js";
import { el } from "../ui/dom.js";
import { field } from "../ui/form.js";
import { t } from "../ui/i18n.js";
import { GRID, snap } from "./geometry.js";

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const BIG = 5;
const NUMBERS = { x: [0, 5000], y: [0, 5000], width: [40, 600], height: [40, 600], rotation: [-180, 180] };

export function makeLayout({ plan, root, bar, inspector, tables, save, redraw }) {
  let floor = null;
  let drafts = new Map(); // id -> place
  let undo = []; // [{id, before: place or undefined}]
  let selected = null;
  let drag = null;

  const editing = () => floor !== null;
  const now = (id) => drafts.get(id) ?? plan.placeOf(id, tables(), drafts);

  // --- changes ------------------------------------------------------------------------------

  function move(id, change, { remember = true } = {}) {
    const before = now(id);
    const after = { ...before, ...change };
    if (Object.keys(after).every((name) => after[name] === before[name])) return;
    if (remember) undo.push({ id, before: drafts.get(id) });
    drafts.set(id, after);
    draw();
  }

  function takeBack() {
    const last = undo.pop();
    if (!last) return;
    if (last.before) drafts.set(last.id, last.before);
    else drafts.delete(last.id);
    select(last.id);
  }

  function select(id) {
    selected = id;
    fillInspector();
    draw();
  }

  function draw() {
    drawBar();
    syncInspector();
    redraw();
  }

  // --- bar and inspector --------------------------------------------------------------------

  const button = (name, label, run, more = {}) => el("button", { class: "button", type: "button", dataset: { layout: name }, onclick: run, ...more }, label);
  const buttons = {
    undo: button("undo", t("floor.undo"), takeBack),
    cancel: button("cancel", t("common.cancel"), () => stop()),
    save: button("save", t("floor.saveLayout"), () => keep(), { class: "button primary" }),
  };

  function drawBar() {
    bar.hidden = !editing();
    if (!bar.firstChild) bar.append(el("span", { class: "muted small" }, t("floor.layoutHint")), buttons.undo, buttons.cancel, buttons.save);
    buttons.undo.disabled = !undo.length;
    buttons.save.disabled = !drafts.size;
    buttons.save.textContent = drafts.size ? t("floor.saveLayoutOf", { n: drafts.size }) : t("floor.saveLayout");
  }

  const LABELS = { x: () => t("floor.x"), y: () => t("floor.y"), width: () => t("floor.width"), height: () => t("floor.height"), rotation: () => t("floor.rotation") };

  function fillInspector() {
    inspector.hidden = !editing() || selected === null;
    if (inspector.hidden) return;
    const place = now(selected);
    const { tableNumber } = tables().find(({ id }) => id === selected);
    inspector.replaceChildren(el("h2", {}, t("floor.tableName", { label: tableNumber })),
      ...Object.entries(NUMBERS).map(([name, [min, max]]) => field({ name, label: LABELS[name](), type: "number", min, max, step: name === "rotation" ? 15 : GRID, value: place[name] })),
      field({ name: "shape", label: t("floor.shape"), value: place.shape,
        options: [{ value: "round", label: t("floor.round") }, { value: "rectangle", label: t("floor.rectangle") }] }));
  }

  function syncInspector() {
    if (inspector.hidden || selected === null) return;
    for (const [name, value] of Object.entries(now(selected))) {
      const input = inspector.elements.namedItem(name);
      if (input && input !== document.activeElement) input.value = value;
    }
  }

  inspector.addEventListener("change", ({ target }) => {
    if (!target.validity.valid || target.value === "") return;
    move(selected, { [target.name]: target.name === "shape" ? target.value : Number(target.value) });
  });
  inspector.addEventListener("submit", (event) => event.preventDefault());

  // --- dragging and keys --------------------------------------------------------------------

  const idAt = (event) => Number(event.target.closest?.(".plan-table")?.dataset.table) || null;

  root.addEventListener("pointerdown", (event) => {
    const id = idAt(event);
    if (!editing() || !id || event.button !== 0) return;
    event.preventDefault();
    plan.nodeOf(id).focus();
    select(id);
    drag = { id, from: { x: event.clientX, y: event.clientY }, place: now(id), before: drafts.get(id), moved: false };
    root.setPointerCapture(event.pointerId);
  });
  root.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const scale = plan.scale();
    const x = snap(drag.place.x + (event.clientX - drag.from.x) / scale);
    const y = snap(drag.place.y + (event.clientY - drag.from.y) / scale);
    if (x === now(drag.id).x && y === now(drag.id).y) return;
    if (!drag.moved) undo.push({ id: drag.id, before: drag.before });
    drag.moved = true;
    move(drag.id, { x, y }, { remember: false });
  });
  for (const name of ["pointerup", "pointercancel"]) root.addEventListener(name, () => { drag = null; });

  root.addEventListener("keydown", (event) => {
    const id = idAt(event);
    const step = ARROWS[event.key];
    if (!editing() || !id || !step) return;
    event.preventDefault();
    if (selected !== id) select(id);
    const far = GRID * (event.shiftKey ? BIG : 1);
    const { x, y } = now(id);
    move(id, { x: snap(x + step[0] * far), y: snap(y + step[1] * far) });
  });
  document.addEventListener("keydown", (event) => {
    if (!editing() || event.key.toLowerCase() !== "z" || !(event.ctrlKey || event.metaKey) || event.target.matches("input")) return;
    event.preventDefault();
    takeBack();
  });
  addEventListener("beforeunload", (event) => { if (editing() && drafts.size) event.preventDefault(); });

  // --- beginning and end --------------------------------------------------------------------

  function end() {
    floor = null;
    drafts = new Map();
    undo = [];
    selected = null;
    inspector.hidden = true;
    draw();
  }

  // -> true: it is over.
  async function stop() {
    if (drafts.size && !(await confirmDialog({ title: t("floor.discardTitle"), text: t("floor.discardText", { n: drafts.size }), yes: t("floor.discard"), tone: "danger" }))) return false;
    end();
    return true;
  }

  async function keep() {
    buttons.save.disabled = true;
    const moved = [...drafts].map(([id, place]) => ({ id, place, table: tables().find((one) => one.id === id) })).filter(({ table }) => table);
    if (await save(floor, moved)) end();
    else drawBar();
  }

  return {
    get editing() { return editing(); },
    get drafts() { return drafts; },
    get selected() { return selected; },
    start(number) {
      floor = number;
      select(tables().sort((a, b) => a.number - b.number)[0]?.id ?? null);
    },
    stop,
    press: (table) => select(table.id),
    forget(id) {
      drafts.delete(id);
      if (selected === id) select(null);
    },
    // Somebody else's place is taken: what was moved here is not any more.
    giveWay(ids) {
      for (const id of ids) drafts.delete(id);
      draw();
    },
  };
}
