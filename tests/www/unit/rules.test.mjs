// Rules that every page keeps, read from the files: data never becomes markup, nothing inline (a
// strict Content-Security-Policy must hold), nothing from another host, no token in storage, no
// file that has grown too long, and no import that leads nowhere.

import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const WWW = fileURLToPath(new URL("../../../www", import.meta.url));
const OWN = /\.(js|html|css)$/;

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "vendor" ? [] : filesBelow(path);
    return OWN.test(entry.name) ? [{ path, name: path.slice(WWW.length + 1), text: readFileSync(path, "utf8") }] : [];
  });
}

const files = filesBelow(WWW);
const ending = (suffix) => files.filter(({ name }) => name.endsWith(suffix));

function offenders(list, pattern) {
  return list.flatMap(({ name, text }) => text.split("\n")
    .map((line, index) => (pattern.test(line) ? `${name}:${index + 1}: ${line.trim()}` : null)).filter(Boolean));
}

test("there are pages to look at", () => {
  for (const page of ["index.html", "login/index.html", "restaurant/index.html", "hotel/index.html"]) {
    assert.ok(files.some(({ name }) => name === page), page);
  }
});

test("data never becomes markup", () => {
  assert.deepEqual(offenders(ending(".js"), /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/), []);
});

test("no inline scripts, handlers or styles", () => {
  assert.deepEqual(offenders(ending(".html"), /\son\w+=|\sstyle=|<style|<script(?![^>]*\ssrc=)/), []);
});

test("nothing comes from another host", () => {
  assert.deepEqual(offenders(files.filter(({ name }) => !name.endsWith(".svg")), /(src|href|url\(|from|import)\s*[=(]?\s*["']?(https?:)?\/\/\w/), []);
});

test("no token is ever put into storage or a URL", () => {
  assert.deepEqual(offenders(ending(".js"), /(localStorage|sessionStorage|document\.cookie).*[Tt]oken|[?&]token=/), []);
});

test("no script is longer than 400 lines", () => {
  const long = ending(".js").map(({ name, text }) => [name, text.split("\n").length]).filter(([, lines]) => lines > 400);
  assert.deepEqual(long, []);
});

test("every script says in its head what it is", () => {
  assert.deepEqual(ending(".js").filter(({ text }) => !/^\/\/ [A-Z]/.test(text)).map(({ name }) => name), []);
});

test("every page has its theme before the first paint", () => {
  assert.deepEqual(ending(".html").filter(({ text }) => !/<script src="[./]*ui\/theme\.js"><\/script>[^]*rel="stylesheet"/.test(text)).map(({ name }) => name), []);
});

test("every icon that a page shows is in the sprite, and the list of them is sorted", () => {
  const listed = readFileSync(join(WWW, "ui/icons.txt"), "utf8").split("\n").filter((line) => line && !line.startsWith("#"));
  assert.deepEqual(listed, [...new Set(listed)].sort());
  const missing = files.flatMap(({ name, text }) => [...text.matchAll(/(?:\bicon\("|\bicon: "|\bsetIcon\([^",]+, "|icons\.svg#)([a-z][a-z0-9-]+)"/g)]
    .map(([, sign]) => sign).filter((sign) => !listed.includes(sign)).map((sign) => `${name}: ${sign}`));
  assert.deepEqual(missing, []);
});

test("every import, script and style sheet exists", () => {
  const missing = [];
  for (const { path, name, text } of files) {
    const pattern = name.endsWith(".html") ? /(?:src|href)="([^"#]+\.(?:js|css|svg))"/g : /(?:from|import) "(\.[^"]+)"/g;
    for (const [, target] of text.matchAll(pattern)) {
      const built = target.includes("/vendor/");
      if (!built && !existsSync(resolve(dirname(path), target))) missing.push(`${name} -> ${target}`);
    }
  }
  assert.deepEqual(missing, []);
});
