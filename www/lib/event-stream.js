// The channels as an event stream (docs/events.md), for when WebSockets do not get through.
//
// openEventStream(...) -> {close()}. on: {up(message), message(message), down()}. One try: coming back is the
// business of fallback.js, which knows the position; the EventSource's own is not waited for.

import { TYPES } from "./messages.js";

export function openEventStream({ origin, EventSource, token, channels, since, on }) {
  const query = new URLSearchParams({ channels: channels.join(","), ...(since && { since }), ...(token && { token }) });
  const source = new EventSource(`${origin}/events?${query}`);
  const hear = (type, then) => source.addEventListener(type, (event) => then(JSON.parse(event.data)));

  function close() {
    source.onerror = null;
    source.close();
  }

  function down() {
    close();
    on.down();
  }

  hear("subscribed", (message) => on.up(message));
  for (const type of [...TYPES, "resync", "snapshot"]) hear(type, (message) => on.message(message));
  hear("close", down);
  source.onerror = down;
  return { close };
}
