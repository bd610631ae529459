// A random UUID (RFC 9562, version 4) where crypto.randomUUID is missing too: pages that are served over plain
// HTTP on a local network are no secure context. Used for idempotency keys and request ids.

const hex = (byte) => byte.toString(16).padStart(2, "0");

export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const text = Array.from(bytes, hex).join("");
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join("-");
}
