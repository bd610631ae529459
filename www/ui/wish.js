// An optimistic change of an item of a LiveList: shown at once, and settled by its answer, whenever that comes.
//
//   const wish = makeWish({ client, list, read: (data) => data });
//   await wish(id, { order_status: "ready" }, { method, path, body, label, queue: true });
//
// A refusal takes the wish back and rejects with the ApiError. While nothing can be reached a change with `queue`
// waits, and its wish with it, until it was sent or refused. What a version conflict says of now is shown.

export function makeWish({ client, list, read = (data) => data }) {
  const waiting = new Map(); // idempotency key -> settle()

  function settle(key) {
    waiting.get(key)?.();
    waiting.delete(key);
  }

  client.on("sent", (change, { data, position }) => {
    if (!waiting.has(change.key)) return;
    list.put(read(data), position);
    settle(change.key);
  });
  client.on("replayed", ({ refused }) => { for (const { change } of refused) settle(change.key); });

  return async function wish(id, fields, change) {
    const take = list.expect(id, fields);
    try {
      const answer = await client.change(change);
      if (answer.queued) {
        waiting.set(answer.key, take);
        return answer;
      }
      list.put(read(answer.data), answer.position);
      take();
      return answer;
    } catch (error) {
      if (error.code === "version_conflict" && error.current) list.put(error.current);
      take();
      throw error;
    }
  };
}
