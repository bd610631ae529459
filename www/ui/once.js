// Draws a part only when it is another one than before: what has the focus or is being read stays.
//
//   const once = makeOnce();
//   once("guest", booking.guestName, () => { ... });        once.forget() after another thing was opened

export function makeOnce() {
  const drawn = new Map();

  function once(part, value, work) {
    const text = JSON.stringify(value);
    if (drawn.get(part) === text) return;
    drawn.set(part, text);
    work();
  }

  once.forget = () => drawn.clear();
  return once;
}
