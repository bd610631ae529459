// The client library's types: a user's file compiles against them, they have the members that the schemas
// say, and every message of AsyncAPI's table is in them.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { complaints, members } from "../../lib/types.mjs";
import { TYPES } from "../../../www/lib/messages.js";

const path = (name) => fileURLToPath(new URL(`../../../${name}`, import.meta.url));
const types = path("www/lib/messages.d.ts");
const schemas = Object.assign({}, ...["stats", "orders", "reservations", "rooms", "live_channels", "live"].map((name) =>
  JSON.parse(readFileSync(path(`docs/schemas/${name}.json`), "utf8")).schemas));

test("a front end's file compiles against the types, and only what they allow", () => {
  assert.deepEqual(complaints(path("tests/www/types/dashboard.ts")), []);
});

test("what messages carry has the members of the schemas", () => {
  for (const name of ["DashboardStats", "OrderStats", "RoomAvailability", "Order", "OrderItem", "Payment", "ToldReservation",
    "ToldBooking", "Notification", "Room"]) {
    assert.deepEqual(members(types, name), Object.keys(schemas[name].properties).sort(), name);
  }
});

test("every type of message that the library knows has a type", () => {
  assert.deepEqual(members(types, "Messages"), [...TYPES, "resync", "snapshot"].sort());
});
