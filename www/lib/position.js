// Feed positions, "EPOCHvVENUE-SEQ": what a message's `cursor` and REST's X-Feed-Position hold.
//
// Two positions can be compared only inside one epoch of one venue. Used to decide whether an
// answer already contains a change that came over the socket.

export function parsePosition(text) {
  const found = /^(.+)-(\d+)$/.exec(text ?? "");
  return found ? { feed: found[1], seq: Number(found[2]) } : null;
}

// True only when both are known, comparable, and a lies before b.
export function isOlder(a, b) {
  const left = parsePosition(a);
  const right = parsePosition(b);
  return Boolean(left && right && left.feed === right.feed && left.seq < right.seq);
}

// The later of the two; one of another epoch replaces what was known before it.
export function laterPosition(known, arrived) {
  if (!arrived) return known ?? null;
  return isOlder(arrived, known) ? known : arrived;
}
