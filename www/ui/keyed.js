// Lists drawn by keys: the node of an id is kept, so that focus, selection and scroll survive an update.
//
//   const draw = keyedList(body, (item) => ({ node, show(item) { ... } }));
//   draw(items);                                  // in this order
//
// `make` is called once an id, show() whenever the list is drawn. place() is the part below it, for whoever keeps
// the nodes: it moves only what stands elsewhere.

export function place(parent, nodes) {
  const wanted = new Set(nodes);
  for (const node of [...parent.children]) if (!wanted.has(node)) node.remove();
  let next = parent.firstElementChild;
  for (const node of nodes) {
    if (node === next) next = next.nextElementSibling;
    else parent.insertBefore(node, next);
  }
}

// A node that changes its place loses the focus on the way.
export function keepingFocus(work) {
  const focused = document.activeElement;
  work();
  if (focused !== document.activeElement && focused?.isConnected) focused.focus({ preventScroll: true });
}

export function keyedList(parent, make, idOf = (item) => item.id) {
  const rows = new Map();

  return function draw(items) {
    const wanted = new Set(items.map(idOf));
    for (const id of [...rows.keys()]) if (!wanted.has(id)) rows.delete(id);
    keepingFocus(() => place(parent, items.map((item) => {
      const id = idOf(item);
      if (!rows.has(id)) rows.set(id, make(item));
      rows.get(id).show(item);
      return rows.get(id).node;
    })));
  };
}
