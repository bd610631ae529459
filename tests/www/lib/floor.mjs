// Tables of a test's own, and what the database says of them.

import { psql, quote } from "./house.mjs";

let number = 2000 + (process.pid % 700) * 10;

export function makeTable(venue, { status = "available", floor = 1, section = null, capacity = 4, position = null } = {}) {
  number += 1;
  const label = `F-${number}`;
  const [[id]] = psql(`insert into maitred.dining_table (venue, number, label, capacity, floor, section, position)
    values (${venue}, ${number}, '${label}', ${capacity}, ${floor}, ${section ? quote(section) : "null"}, ${quote(JSON.stringify(position ?? {}))}::jsonb) returning id`);
  if (status !== "available") setStatus(venue, id, status);
  return { id: Number(id), label, number };
}

export const setStatus = (venue, id, status) => psql(`update maitred.dining_table set status = '${status}' where venue = ${venue} and id = ${id}`);
export const statusOf = (venue, id) => psql(`select status from maitred.dining_table where venue = ${venue} and id = ${id}`)[0][0];
export const columnsOf = (venue, id, columns) => psql(`select ${columns} from maitred.dining_table where venue = ${venue} and id = ${id}`)[0];

// Takes away what a test made, so that the next one's plan is the demo's.
export function dropTable(venue, id) {
  psql(`update maitred.dining_table set status = 'available' where venue = ${venue} and id = ${id} and status in ('occupied', 'reserved', 'maintenance') and active;
    update maitred.dining_table set active = false where venue = ${venue} and id = ${id}`);
}

// The account's five updates a second are spent by the steps of several tests.
export const rested = (venue) => psql(`delete from maitred.rate_window where venue = ${venue}`);
