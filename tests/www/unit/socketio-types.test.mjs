// The types for front ends on Socket.IO: a user's file compiles against them and socket.io-client's own, so
// do the examples of docs/socketio.md, and a Table has the members that REST's schema says. What the sidecar
// says is held against them by tests/realtime/socketio-types.test.mjs.
import { test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { complaints, members } from "../../lib/types.mjs";

const root = join(new URL(".", import.meta.url).pathname, "../../..");
const types = join(root, "www/lib/socketio-events.d.ts");
const read = (path) => readFileSync(join(root, path), "utf8");

test("a front end's file compiles against the types, and only what they allow", () => {
  assert.deepEqual(complaints(join(root, "tests/www/types/floor-plan.ts")), []);
});

test("the examples of docs/socketio.md compile, one after the other", () => {
  const examples = [...read("docs/socketio.md").matchAll(/^```ts\n(.*?)^```/gms)].map((m) => m[1]);
  assert.ok(examples.length >= 6);
  assert.deepEqual(complaints(join(root, "www/lib/examples.ts"), examples.join("\n")), []);
});

test("a table and its session have the members of REST's schemas", () => {
  const { schemas } = JSON.parse(read("docs/schemas/tables.json"));
  for (const name of ["Table", "TableSession"])
    assert.deepEqual(members(types, name), Object.keys(schemas[name].properties).sort(), name);
});

test("every event of the types is explained in docs/socketio.md, and no other", () => {
  const named = read("docs/socketio.md").match(/\btables?:[a-z_]+/g);
  const typed = [...members(types, "ServerToClientEvents"), ...members(types, "ClientToServerEvents")];
  assert.deepEqual([...new Set(named)].sort(), typed.filter((n) => n.includes(":")).sort());
});
