// RestClient: conditional GETs, problems as ApiError, writes with idempotency keys, time limits.

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { ApiError, RestClient } from "../../../www/lib/rest.js";
import { Server } from "../lib/server.mjs";

let server;
let rest;

beforeEach(async () => {
  server = await Server.start();
  rest = new RestClient({ base: server.url });
});

afterEach(() => server.stop());

test("a second GET revalidates, and a 304 gives the kept body", async () => {
  server.answers.set("/a", { data: { n: 1 } });
  const first = await rest.get("/a");
  const second = await rest.get("/a");
  assert.deepEqual([first.changed, second.changed], [true, false]);
  assert.equal(second.data, first.data);
  assert.equal(server.requests[0].headers["if-none-match"], undefined);
  assert.ok(server.requests[1].headers["if-none-match"]);
  server.seq += 1;
  server.answers.set("/a", { data: { n: 2 } });
  assert.deepEqual((await rest.get("/a")).data, { n: 2 });
});

test("the position of the answer comes along, on a 304 too", async () => {
  server.answers.set("/a", { data: 1 });
  assert.equal((await rest.get("/a")).position, server.position);
  assert.equal((await rest.get("/a")).position, server.position);
});

test("another token never sees what was kept", async () => {
  server.answers.set("/a", { data: 1 });
  await rest.get("/a");
  rest.setToken("other");
  await rest.get("/a");
  assert.equal(server.requests[1].headers["if-none-match"], undefined);
  assert.equal(server.requests[1].headers.authorization, "Bearer other");
});

test("a problem becomes an ApiError with code, fields and retry time", async () => {
  const problem = { title: "Bad", status: 422, code: "invalid", detail: "Two fields.", errors: [{ field: "x", code: "y", detail: "z" }] };
  server.answers.set("/p", { status: 422, data: problem, headers: { "Retry-After": "7" } });
  await assert.rejects(rest.get("/p"), (error) => {
    assert.ok(error instanceof ApiError);
    assert.deepEqual([error.status, error.code, error.message, error.retryAfter], [422, "invalid", "Two fields.", 7000]);
    assert.deepEqual(error.fields, problem.errors);
    return true;
  });
});

test("a proxy's HTML error page is still an ApiError", async () => {
  server.answers.set("/h", { status: 502, data: "<html>bad gateway</html>" });
  await assert.rejects(rest.get("/h"), { name: "ApiError", status: 502, message: "The server answered 502" });
});

test("an unreachable server is status 0", async () => {
  const gone = new RestClient({ base: "http://127.0.0.1:9" });
  await assert.rejects(gone.get("/"), { name: "ApiError", status: 0 });
});

test("a server that does not answer is given up", async () => {
  const silent = new RestClient({ timeout: 20, fetch: (url, { signal }) => new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
  }) });
  await assert.rejects(silent.get("/"), { name: "ApiError", status: 0 });
});

test("a write carries JSON and its idempotency key", async () => {
  server.answers.set("/w", { status: 201, data: { id: "res1" } });
  const { data } = await rest.post("/w", { a: 1 }, { key: "k1" });
  const { method, headers } = server.requests[0];
  assert.deepEqual(data, { id: "res1" });
  assert.deepEqual([method, headers["content-type"], headers["idempotency-key"]], ["POST", "application/json", "k1"]);
});
