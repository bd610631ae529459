// The API page's model: operations out of a document, filters, curl lines, schemas in words, and texts
// that stay texts.

import assert from "node:assert/strict";
import { test } from "node:test";
import { blocks, spans } from "../../../www/docs/markdown.js";
import { ApiModel, curl, matches, words } from "../../../www/docs/model.js";

const DOCUMENT = {
  tags: [{ name: "tables", description: "Tables" }, { name: "accounts", description: "Accounts" }],
  paths: {
    "/api/tables": {
      get: { operationId: "table_list", tags: ["tables"], summary: "Tables, by state", description: "Needs.", "x-capability": "tables.read",
        "x-roles": ["admin", "waiter"], parameters: [{ $ref: "#/components/parameters/IfNoneMatch" }, { name: "day", in: "query", required: true, schema: { type: "string" } }],
        responses: { 200: { description: "Good", content: { "application/json": { schema: { $ref: "#/components/schemas/Table" } } } }, 304: { $ref: "#/components/responses/NotModified" } } },
      post: { operationId: "table_create", tags: ["tables"], summary: "Add a table", description: "Needs.", "x-capability": "tables.admin", "x-roles": ["admin"],
        requestBody: { required: true, content: { "application/json": { schema: { type: "object", properties: { name: { type: "string" } } }, example: { name: "O'Hara" } } } },
        responses: { 201: { description: "Made" } } },
    },
    "/api/auth/login": { post: { operationId: "login", tags: ["accounts"], summary: "Log in", description: "", "x-capability": "public", "x-roles": [], security: [],
      deprecated: true, responses: { 200: { description: "Good" } } } },
  },
  components: { parameters: { IfNoneMatch: { name: "If-None-Match", in: "header", schema: { type: "string" } } },
    responses: { NotModified: { description: "As before" } }, schemas: { Table: { type: "object", properties: {}, examples: [{ id: 1 }] } } },
  "x-error-codes": [{ code: "not_found", status: 404, title: "No" }],
};
const model = new ApiModel(DOCUMENT);
const op = (id) => model.operations.find((one) => one.id === id);

test("operations by area, references followed", () => {
  assert.deepEqual(model.areas.map(({ name, operations }) => [name, operations.map(({ id }) => id)]),
    [["tables", ["table_list", "table_create"]], ["accounts", ["login"]]]);
  assert.deepEqual(op("table_list").parameters.map((p) => p.name), ["If-None-Match", "day"]);
  assert.deepEqual(op("table_list").answers.map(({ status, description, example }) => [status, description, example]),
    [["200", "Good", { id: 1 }], ["304", "As before", undefined]]);
  assert.deepEqual([op("login").open, op("login").deprecated, op("table_create").open], [true, true, false]);
  assert.deepEqual(model.roles, ["admin", "waiter"]);
});

test("a filter takes words from anywhere, and a role what it may and what is open to all", () => {
  const left = (wanted) => model.operations.filter((one) => matches(one, wanted)).map(({ id }) => id);
  assert.deepEqual(left({ text: "post TABLE" }), ["table_create"]);
  assert.deepEqual(left({ text: "tables.read" }), ["table_list"]);
  assert.deepEqual(left({ role: "waiter" }), ["table_list", "login"]);
  assert.deepEqual(left({ text: "nothing like it" }), []);
});

test("a curl line that a shell takes as it is meant", () => {
  assert.equal(curl(op("table_create"), "http://house"), `curl -s -X POST 'http://house/api/tables' \\\n  -H "Authorization: Bearer $TOKEN" \\\n`
    + `  -H 'Content-Type: application/json' \\\n  -d '{"name":"O'\\''Hara"}'`);
  assert.equal(curl(op("table_list"), "http://house").split(" \\\n")[0], "curl -s 'http://house/api/tables?day={day}'");
  assert.doesNotMatch(curl(op("login"), "http://house"), /Authorization/);
});

test("a schema in a few words", () => {
  assert.equal(words({ type: ["integer", "null"], minimum: 1, maximum: 20 }), "integer, 1 to 20, or null");
  assert.equal(words({ type: "string", maxLength: 50 }), "text, at most 50 characters");
  assert.equal(words({ enum: ["a", "b", null], type: ["string", "null"] }), "one of a, b, or null");
  assert.equal(words({ type: "string", format: "date-time" }), "time (ISO 8601)");
  assert.equal(words({ type: "integer", minimum: 0, default: 50 }), "integer, 0 or more, else 50");
});

test("texts: paragraphs, headings, tables, bold and code; all else stays text", () => {
  assert.deepEqual(blocks("# One\n\na\nb\n\n| x | y |\n|---|---|\n| 1 | |"), [{ kind: "heading", level: 1, text: "One" },
    { kind: "paragraph", text: "a b" }, { kind: "table", rows: [["x", "y"], ["1", ""]] }]);
  assert.deepEqual(spans("say **this** and `that` <b>"), [{ text: "say " }, { text: "this", style: "strong" }, { text: " and " },
    { text: "that", style: "code" }, { text: " <b>" }]);
  assert.deepEqual(spans("in [a file](/lib/a.d.ts), not [there](//example.org) nor [so](javascript:1)"), [{ text: "in " },
    { text: "a file", href: "/lib/a.d.ts" }, { text: ", not [there](//example.org) nor [so](javascript:1)" }]);
});
