// icons.mjs LIST FOLDER > SPRITE: the icons that the pages use, one <symbol> each, out of a folder of SVG files.
//
// `make pages` calls it. LIST has a name a line. The licence notice that the package asks for goes in front.

import { readFileSync } from "node:fs";
import { join } from "node:path";

const [list, folder] = process.argv.slice(2);
const names = readFileSync(list, "utf8").split("\n").map((line) => line.trim()).filter((line) => line && !line.startsWith("#"));

function symbol(name) {
  const text = readFileSync(join(folder, `${name}.svg`), "utf8");
  const [, content] = /<svg[^>]*>(.*)<\/svg>/s.exec(text);
  return `<symbol id="${name}" viewBox="0 0 24 24">${content.replace(/\s*\n\s*/g, "").trim()}</symbol>`;
}

console.log('<!-- Icons of Lucide (https://lucide.dev), ISC License, Copyright (c) Lucide Icons and Contributors. -->');
console.log(`<svg xmlns="http://www.w3.org/2000/svg">\n${names.map(symbol).join("\n")}\n</svg>`);
