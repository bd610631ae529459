// The types for front ends on Socket.IO: a user's file compiles against them and socket.io-client's own, so
// do the examples of docs/socketio.md, and a Table has the members that REST's schema says.
import { test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

const root = join(import.meta.dirname ?? new URL(".", import.meta.url).pathname, "../../..");
const types = join(root, "www/lib/socketio-events.d.ts");
const options = {
  strict: true, noEmit: true, noUnusedLocals: true, exactOptionalPropertyTypes: true,
  target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022, lib: ["lib.es2022.d.ts", "lib.dom.d.ts"],
  moduleResolution: ts.ModuleResolutionKind.Bundler, types: [],
};

// What the compiler has to say of a file; its text may be given, then nothing is read.
function complaints(path, text) {
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  const given = (name) => text !== undefined && name === path;
  host.fileExists = (name) => given(name) || fileExists(name);
  host.readFile = (name) => (given(name) ? text : readFile(name));
  host.getSourceFile = (name, ...rest) => (given(name)
    ? ts.createSourceFile(name, text, ...rest) : getSourceFile(name, ...rest));
  const program = ts.createProgram([path], options, host);
  return ts.getPreEmitDiagnostics(program).map((d) => {
    const line = d.file ? `${d.file.fileName}:${d.file.getLineAndCharacterOfPosition(d.start).line + 1} ` : "";
    return line + ts.flattenDiagnosticMessageText(d.messageText, " ");
  });
}

const blocks = (document, language) => [...readFileSync(join(root, document), "utf8")
  .matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gms"))].map((m) => m[1]);

// The names of an interface's members.
function members(name) {
  const file = ts.createSourceFile(types, readFileSync(types, "utf8"), ts.ScriptTarget.ES2022, true);
  const found = file.statements.find((s) => ts.isInterfaceDeclaration(s) && s.name.text === name);
  return found.members.map((m) => m.name.text).sort();
}

test("a front end's file compiles against the types, and only what they allow", () => {
  assert.deepEqual(complaints(join(root, "tests/www/types/floor-plan.ts")), []);
});

test("the examples of docs/socketio.md compile, one after the other", () => {
  const examples = blocks("docs/socketio.md", "ts");
  assert.ok(examples.length >= 6);
  assert.deepEqual(complaints(join(root, "www/lib/examples.ts"), examples.join("\n")), []);
});

test("a table and its session have the members of REST's schemas", () => {
  const { schemas } = JSON.parse(readFileSync(join(root, "docs/schemas/tables.json"), "utf8"));
  for (const name of ["Table", "TableSession"])
    assert.deepEqual(members(name), Object.keys(schemas[name].properties).sort(), name);
});

test("every event of the types is explained in docs/socketio.md, and no other", () => {
  const named = readFileSync(join(root, "docs/socketio.md"), "utf8").match(/\btables?:[a-z_]+/g);
  const typed = [...members("ServerToClientEvents"), ...members("ClientToServerEvents")];
  assert.deepEqual([...new Set(named)].sort(), typed.filter((n) => n.includes(":")).sort());
});
