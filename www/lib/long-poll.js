// The channels by long poll (docs/events.md), for when neither sockets nor streams get through.
//
// openLongPoll(...) -> {close()}. on: {up(message), message(message), position(cursor), down(error)}. One try, as
// of event-stream.js.

const WAIT = 25; // seconds that the server may wait
const WITHIN = (WAIT + 10) * 1000;
const EMPTY_AT_MOST_EVERY = 1000; // a sidecar that goes answers at once, with nothing

export function openLongPoll({ rest, clock, channels, since, on }) {
  const stop = new AbortController();

  async function ask(cursor) {
    const query = new URLSearchParams({ channels: channels.join(","), ...(cursor && { since: cursor, timeout: cursor === since ? 0 : WAIT }) });
    const { data } = await rest.get(`/poll?${query}`, { signal: stop.signal, within: WITHIN, keep: false });
    return data;
  }

  async function run() {
    let { cursor, events } = await ask(since);
    on.up({ type: "subscribed", channels, cursor: since ?? cursor });
    while (!stop.signal.aborted) {
      for (const message of events) on.message(message);
      on.position(cursor);
      if (!events.length) await new Promise((done) => clock.setTimeout(done, EMPTY_AT_MOST_EVERY));
      if (!stop.signal.aborted) ({ cursor, events } = await ask(cursor));
    }
  }

  run().catch((error) => { if (!stop.signal.aborted) on.down(error); });
  return { close: () => stop.abort() };
}
