// preloads.mjs WWW: writes the preload links of every page, so that a browser asks at once for all that a page is made of.
//
// `make preloads` calls it after imports have changed, and tests/www/unit/preloads.test.mjs says when they have. Without
// the links a browser learns of a module only when the one that imports it has come: a round trip for each step. Listed
// are the modules that the page's script imports, one by way of the other (not those of import()), and the style sheets
// that its own @import. They stand as one block before the script.

import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const IMPORTS = { ".js": /^(?:import|(?:import|export)\b[^"';(]*?\bfrom) "(\.[^"]+)"/gm, ".css": /^@import "([^"]+)"/gm };
const SCRIPT = /^ *<script type="module" src="([^"]+)"><\/script>\n/m;
const STYLES = /<link rel="stylesheet" href="([^"]+)">/g;
const BLOCK = /^ *<link rel="(?:modulepreload|preload)"[^>]*>\n/gm;

export const pagesOf = (www) => readdirSync(www, { recursive: true }).filter((name) => /(^|\/)index\.html$/.test(name) && !name.startsWith("vendor/"))
  .map((name) => join(www, name)).filter((page) => SCRIPT.test(readFileSync(page, "utf8"))).sort();

export const scriptOf = (page) => resolve(dirname(page), SCRIPT.exec(readFileSync(page, "utf8"))[1]);

function directly(file) {
  if (file.includes("/vendor/")) return []; // is there after the build only, and is one file
  const [ending] = /\.\w+$/.exec(file);
  return [...readFileSync(file, "utf8").matchAll(IMPORTS[ending])].map(([, target]) => resolve(dirname(file), target));
}

// All that these files import, one by way of the other, without themselves.
export function importedBy(...files) {
  const seen = new Set(files);
  for (const file of seen) for (const target of directly(file)) seen.add(target);
  return [...seen].slice(files.length).sort();
}

// The page as it should be.
export function withPreloads(page) {
  const text = readFileSync(page, "utf8");
  const here = dirname(page);
  const link = (kind) => (file) => `  <link ${kind} href="${relative(here, file)}">\n`;
  const sheets = [...text.matchAll(STYLES)].map(([, href]) => resolve(here, href));
  const links = [...importedBy(...sheets).map(link('rel="preload" as="style"')), ...importedBy(scriptOf(page)).map(link('rel="modulepreload"'))];
  return text.replace(BLOCK, "").replace(SCRIPT, (script) => links.join("") + script);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [www] = process.argv.slice(2);
  for (const page of pagesOf(resolve(www))) writeFileSync(page, withPreloads(page));
}
