// Icons: one <svg> that points into the sprite (vendor/icons.svg, made of icons.txt by `make pages`).
//
//   el("button", { class: "button" }, icon("plus"), t("floor.newTable"))
//
// An icon never stands for words alone: it is hidden from screen readers, and whatever holds it has its own name.

const SVG = "http://www.w3.org/2000/svg";
const SPRITE = new URL("../vendor/icons.svg", import.meta.url).pathname;

export function icon(name, { class: more = "" } = {}) {
  const node = document.createElementNS(SVG, "svg");
  node.setAttribute("class", more ? `icon ${more}` : "icon");
  node.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${SPRITE}#${name}`);
  node.append(use);
  return node;
}

export function setIcon(node, name) {
  node.firstElementChild.setAttribute("href", `${SPRITE}#${name}`);
}
