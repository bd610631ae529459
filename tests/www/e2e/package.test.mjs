// The client library as a package: packed by npm, unpacked elsewhere, used from Node against the house with the
// real ws and eventsource, over each transport.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { EventSource } from "eventsource";
import WebSocket from "ws";
import { members } from "../../lib/types.mjs";
import { Api, URL_OF_HOUSE, eventually, psql, quote, soon, uniqueName, venueId } from "../lib/house.mjs";

const lib = fileURLToPath(new URL("../../../www/lib", import.meta.url));
let dir;
let packed;
let files;
let venue;
let token;

before(async () => {
  dir = mkdtempSync(join(tmpdir(), "maitred-pack."));
  const [{ filename, files: list }] = JSON.parse(execFileSync("npm", ["pack", "--json", "--pack-destination", dir], { cwd: lib, encoding: "utf8" }));
  files = list.map(({ path }) => path);
  const home = join(dir, "node_modules/maitred-client");
  mkdirSync(home, { recursive: true });
  execFileSync("tar", ["-xzf", join(dir, filename), "-C", home, "--strip-components=1"]);
  packed = await import(pathToFileURL(join(home, "maitred-client.js")).href);
  venue = venueId("bistro");
  ({ token } = await Api.login("bistro", "manager"));
});

after(() => rmSync(dir, { recursive: true }));

class Refused {
  constructor() { throw new Error("no WebSockets here"); }
}

const TRANSPORTS = [
  { transport: "websocket", WebSocket, EventSource },
  { transport: "eventstream", WebSocket: Refused, EventSource },
  { transport: "longpoll", WebSocket: Refused, EventSource: undefined },
];

test("the package holds the library, its types and its page, and nothing of the house's own", () => {
  for (const name of ["maitred-client.js", "maitred-client.d.ts", "messages.d.ts", "feed-worker.js", "README.md", "package.json"]) {
    assert.ok(files.includes(name), name);
  }
  assert.deepEqual(files.filter((name) => !/^[a-z-]+\.(js|d\.ts)$|^README\.md$|^package\.json$/.test(name)), []);
});

test("what the types say of a client is there", () => {
  const client = new packed.DashboardClient({ url: URL_OF_HOUSE, WebSocket });
  for (const [type, object] of [["RestClient", client.rest], ["DashboardClient", client]]) {
    for (const name of members(join(lib, "maitred-client.d.ts"), type)) assert.ok(name in object, `${type}.${name}`);
  }
});

for (const { transport, ...how } of TRANSPORTS) {
  test(`${transport}: a commit by psql reaches a handler in Node`, async (t) => {
    const client = new packed.DashboardClient({ url: URL_OF_HOUSE, ...how });
    const told = [];
    t.mock.method(console, "error", () => {}); // of the socket that can't be made
    client.setAuth({ token });
    client.setEventHandlers({ new_reservation: ({ reservation }) => told.push(reservation.customerName) });
    client.subscribe(["restaurant_reservations"]);
    client.connect();
    try {
      await eventually(() => assert.deepEqual([client.state, client.transport], ["live", transport]), { within: 30000 });
      const name = uniqueName("Packed");
      psql(`insert into maitred.reservation (venue, customer_name, party_size, starts_at, status, source)
        values (${venue}, ${quote(name)}, 2, ${quote(soon(venue, 50))}, 'confirmed', 'phone')`);
      await eventually(() => assert.ok(told.includes(name)));
    } finally {
      client.disconnect();
    }
  });
}

test("a list stays current, and a change goes out once", async () => {
  const { DashboardClient, LiveList } = packed;
  const client = new DashboardClient({ url: URL_OF_HOUSE, WebSocket });
  client.setAuth({ token });
  client.subscribe(["restaurant_tables"]);
  const tables = new LiveList({ client, path: "/api/tables?limit=200", read: ({ items }) => items, hears: { table_update: ({ table }) => table } });
  client.connect();
  try {
    await tables.load();
    const [{ id }] = tables.values().filter(({ status }) => status === "available");
    await eventually(() => assert.equal(client.state, "live"));
    const outcome = await client.change({ method: "PATCH", path: `/api/tables/${id}`, body: { name: `Packed ${id}` } });
    assert.equal(outcome.queued, false);
    await eventually(() => assert.equal(tables.get(id).name, `Packed ${id}`));
    assert.equal(psql(`select name from maitred.dining_table where venue = ${venue} and id = ${id}`)[0][0], `Packed ${id}`);
    psql(`update maitred.dining_table set name = null where venue = ${venue} and id = ${id}`);
  } finally {
    tables.close();
    client.disconnect();
  }
});
