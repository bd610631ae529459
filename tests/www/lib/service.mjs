// Tables, sessions and orders of a test's own, by psql: what the kitchen, the waiters and the guests see.

import { psql, quote } from "./house.mjs";

const CODE = () => `T${Math.random().toString(36).slice(2, 8)}`.toUpperCase();

// A table that nobody else has. -> {id, number, label}
export function makeTable(venue) {
  const label = `SV-${CODE()}`;
  const [[id, number]] = psql(`insert into maitred.dining_table (venue, number, label, floor, section, capacity)
    select ${venue}, coalesce(max(number), 0) + 1, ${quote(label)}, 1, 'Test', 4 from maitred.dining_table where venue = ${venue} returning id, number`);
  return { id: Number(id), number: Number(number), label };
}

// Guests sit down at it. -> the session's id
export function seat(venue, table, { waiter = null, guests = 2 } = {}) {
  psql(`update maitred.dining_table set status = 'occupied' where venue = ${venue} and id = ${table.id}`);
  const [[id]] = psql(`update maitred.table_session set guest_count = ${guests}, waiter_id = ${waiter ?? "null"}
    where venue = ${venue} and table_id = ${table.id} and state = 'open' returning id`);
  return Number(id);
}

// The session ends, its orders are over, the table is gone: nothing is left for other tests to count.
export function clearTable(venue, table) {
  psql(`update maitred.customer_order set status = 'cancelled' where venue = ${venue} and table_id = ${table.id}
      and status in ('pending', 'confirmed', 'preparing', 'ready');
    update maitred.customer_order set status = 'completed' where venue = ${venue} and table_id = ${table.id} and status = 'served';
    update maitred.dining_table set status = 'available' where venue = ${venue} and id = ${table.id} and status = 'occupied';
    update maitred.dining_table set active = false where venue = ${venue} and id = ${table.id}`);
}

const lineOf = (venue, order, { dish = 0, quantity = 1, notes = null }) => `insert into maitred.order_item (venue, order_id, menu_item_id, quantity, notes)
  select ${venue}, ${order}, m.id, ${quantity}, ${notes ? quote(notes) : "null"} from maitred.menu_item m
  where m.venue = ${venue} and m.active and m.available order by m.id offset ${dish} limit 1`;

// -> {id, number} of an order with so many of each of the first dishes, in one transaction.
export function order(venue, { table = null, session = null, status = "confirmed", lines = [1], minutes = 0, notes = null }) {
  const made = "currval(pg_get_serial_sequence('maitred.customer_order', 'id'))";
  const [[id]] = psql([`insert into maitred.customer_order (venue, table_id, session_id, status, notes, created_at)
    values (${venue}, ${table?.id ?? "null"}, ${session ?? "null"}, ${quote(status)}, ${notes ? quote(notes) : "null"},
      now() - interval '${minutes} minutes') returning id`,
  ...lines.map((quantity, dish) => lineOf(venue, made, { dish, quantity }))].join(";\n"));
  return { id: Number(id), number: `ORD-${id}` };
}

export function line(venue, id, what) {
  psql(lineOf(venue, id, what));
}

export const stateOf = (id) => psql(`select status from maitred.customer_order where id = ${id}`)[0][0];
