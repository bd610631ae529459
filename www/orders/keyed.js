// The keyed lists of ui/keyed.js for those whose parts are asked for later, and that hand on the focus of a node that is gone.
//
//   const rows = new Keyed(tbody, { idOf: (order) => order.id, make: (order) => ({ node, show(order) {} }) });
//   rows.show(orders);      rows.get(id)
//
// Owns the children of its root.

import { keepingFocus, place } from "../ui/keyed.js";

export class Keyed {
  #root;
  #idOf;
  #make;
  #parts = new Map();

  constructor(root, { idOf = (one) => one.id, make }) {
    this.#root = root;
    this.#idOf = idOf;
    this.#make = make;
  }

  get(id) { return this.#parts.get(id) ?? null; }
  get parts() { return this.#parts.values(); }

  show(things) {
    const lost = this.#dropAllBut(new Set(things.map(this.#idOf)));
    const nodes = things.map((thing) => {
      const part = this.#partOf(thing);
      part.show(thing);
      return part.node;
    });
    keepingFocus(() => place(this.#root, nodes));
    if (lost !== null) this.#giveFocus(lost);
  }

  #partOf(thing) {
    const id = this.#idOf(thing);
    if (!this.#parts.has(id)) this.#parts.set(id, this.#make(thing));
    return this.#parts.get(id);
  }

  // -> the place of the node that had the focus, or null
  #dropAllBut(kept) {
    let lost = null;
    for (const [id, { node }] of this.#parts) {
      if (kept.has(id)) continue;
      if (node.contains(document.activeElement)) lost = [...this.#root.children].indexOf(node);
      this.#parts.delete(id);
    }
    return lost;
  }

  // To the neighbour, else to what holds the list.
  #giveFocus(at) {
    const { children } = this.#root;
    const next = children[Math.min(at, children.length - 1)];
    const target = next?.matches("button, [tabindex]") ? next : next?.querySelector("button, [tabindex]") ?? this.#root.closest("[tabindex]");
    target?.focus();
  }
}
