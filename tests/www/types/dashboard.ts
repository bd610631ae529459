// A front end's file, as somebody would write it against the client library's types. Only compiled.

import { ApiError, DashboardClient, LiveList, type LiveTable, type Order, type State } from "../../../www/lib/maitred-client";

const client = new DashboardClient({ url: "https://house.example", shared: true, storage: localStorage });
client.setAuth({ token: "t", owner: "3.7" });
client.setEventHandlers({
  state: (state: State, { previous }) => console.log(previous, state),
  stats_update: ({ stats, cursor }) => console.log(stats.reservationsToday + 1, cursor.length),
  order_created: ({ order }) => show(order),
  notification: ({ notification, deleted }) => console.log(notification.kind === "call_waiter", deleted === true),
  message(message) {
    if (message.type === "room_update") console.log(message.room.housekeeping);
  },
  // @ts-expect-error there is no such event
  order_vanished: () => {},
});
client.subscribe(["restaurant_stats", "floor:2", "order:17"]);
// @ts-expect-error there is no such channel
client.subscribe(["restaurant_weather"]);

function show(order: Order): number {
  // @ts-expect-error an order's status is one of seven
  if (order.order_status === "burnt") return 0;
  return order.items.reduce((sum, { quantity, unit_price }) => sum + quantity * unit_price, 0);
}

const tables = new LiveList<LiveTable>({
  client, path: "/api/tables?limit=200", read: (data: { items: LiveTable[] }) => data.items,
  hears: { table_update: ({ table }) => table },
});
const off = tables.onChange(({ reset, changed }) => console.log(reset, changed.length));

async function seat(id: number): Promise<void> {
  const settle = tables.expect(id, { status: "occupied" });
  try {
    const outcome = await client.change<LiveTable>({ method: "PATCH", path: `/api/tables/${id}/status`, body: { status: "occupied" }, queue: true });
    if (!outcome.queued) tables.put(outcome.data, outcome.position);
  } catch (error) {
    if (error instanceof ApiError && error.code === "version_conflict") console.log(error.current);
  } finally {
    settle();
  }
}

tables.load().then(() => seat(7)).finally(off);
client.connect();
