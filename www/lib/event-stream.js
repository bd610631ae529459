// The channels as an event stream (docs/events.md), for when WebSockets do not get through.
//
// openEventStream(...) -> {close()}. on: {up(message), message(message), down(why)}. One try: coming back is the
// business of fallback.js, which knows the position; the EventSource's own is not waited for. A bearer token never
// goes into the URL: the package eventsource sends it as a header, a browser's own EventSource can't, is refused
// and leaves it to the polls.

import { TYPES } from "./messages.js";

const SESSION_ENDS = new Set([4003, 4004]);

export function openEventStream({ origin, EventSource, token, channels, since, on }) {
  const query = new URLSearchParams({ channels: channels.join(","), ...(since && { since }) });
  const withToken = (url, init) => fetch(url, { ...init, headers: { ...init.headers, Authorization: `Bearer ${token()}` } });
  const source = new EventSource(`${origin}/events?${query}`, token() ? { fetch: withToken } : {});
  const hear = (type, then) => source.addEventListener(type, (event) => then(JSON.parse(event.data)));

  function close() {
    source.onerror = null;
    source.close();
  }

  function down(why = null) {
    close();
    on.down(why);
  }

  hear("subscribed", (message) => on.up(message));
  for (const type of [...TYPES, "resync", "snapshot"]) hear(type, (message) => on.message(message));
  hear("close", ({ code }) => down({ signedOut: SESSION_ENDS.has(code) }));
  source.onerror = () => down();
  return { close };
}
