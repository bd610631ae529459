// A QR code of a text, as an SVG: qrNode(text, { label }). The library is npm's qrcode-generator.

import qrcode from "../vendor/qrcode.js";

const SVG = "http://www.w3.org/2000/svg";
const MARGIN = 4; // modules, as the standard wants it

export function qrNode(text, { label }) {
  const code = qrcode(0, "L");
  code.addData(text);
  code.make();
  const size = code.getModuleCount();
  const dark = [];
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) if (code.isDark(row, column)) dark.push(`M${column} ${row}h1v1h-1z`);
  }
  const node = document.createElementNS(SVG, "svg");
  node.setAttribute("class", "qr");
  node.setAttribute("role", "img");
  node.setAttribute("aria-label", label);
  node.setAttribute("viewBox", `${-MARGIN} ${-MARGIN} ${size + 2 * MARGIN} ${size + 2 * MARGIN}`);
  node.setAttribute("shape-rendering", "crispEdges");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", dark.join(""));
  node.append(path);
  return node;
}
