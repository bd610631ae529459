// Building DOM without HTML strings: data only ever becomes text nodes and attributes.
//
// Used by every page and component. `figure` is the one way in which a number gets onto a page:
// a <data> element whose data-figure names the figure and whose value is the raw number.

// el("li", {class: "x", dataset: {id: 1}, onclick: f, hidden: true}, "text", node, null, false)
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) setProp(node, name, value);
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

function setProp(node, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name === "class") node.className = value;
  else if (name === "dataset") Object.assign(node.dataset, value);
  else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
  else node.setAttribute(name, value === true ? "" : value);
}

export function figure(key, value, text, props = {}) {
  const classes = ["figure", props.class].filter(Boolean).join(" ");
  return el("data", { ...props, class: classes, value: value ?? "", dataset: { figure: key } }, text);
}

// The same words set anew would be laid out anew.
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// Changes a figure in place; says so by a short flash when the number is another one.
export function setFigure(node, value, text) {
  const raw = String(value ?? "");
  if (node.getAttribute("value") === raw && node.textContent === text) return;
  const known = node.getAttribute("value") !== "";
  node.setAttribute("value", raw);
  node.textContent = text;
  if (known) flash(node);
}

export function flash(node) {
  node.classList.remove("changed");
  node.addEventListener("animationend", () => node.classList.remove("changed"), { once: true });
  requestAnimationFrame(() => node.classList.add("changed"));
}

// A colour is a token ("--chart-1") or came with the data; the latter goes through the CSS parser,
// never into a style attribute.
export function setSwatch(node, colour) {
  const value = colour?.startsWith("--") ? `var(${colour})` : colour;
  if (value && CSS.supports("color", value)) node.style.setProperty("--swatch", value);
  return node;
}

export function swatch(colour) {
  return setSwatch(el("span", { class: "swatch", "aria-hidden": "true" }), colour);
}

export function skeleton(heights) {
  return heights.map((height) => {
    const bar = el("div", { class: "skeleton", "aria-hidden": "true" });
    bar.style.height = height;
    return bar;
  });
}

// Nothing there, or something wrong: words, a sign above them, something to do about it.
export function stateMessage(text, action = null, sign = null) {
  return el("div", { class: "state-message" }, sign, el("p", {}, text), action);
}
