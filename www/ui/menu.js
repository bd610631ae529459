// Popovers: a menu of things to do, or any content, below the button that opens it.
//
//   menuButton(button, () => [{ label, icon, run, href, tone, disabled, checked }, null, ...])   // null: a line
//   popoverOf(button, () => [nodes], { label })
//
// The browser's own popover closes by Escape and by a press outside and stays above everything. In a menu the arrow
// keys, Home and End walk, a letter finds; the content is made anew at each opening.

import { el } from "./dom.js";
import { icon } from "./icon.js";

const GAP = 6;
const EDGE = 8;

export function popoverOf(button, content, { label = null, role = "dialog", padded = true, onOpen = () => {} } = {}) {
  const node = el("div", { class: `popover${padded ? " padded" : ""}`, popover: "auto", role, "aria-label": label });
  button.setAttribute("aria-haspopup", role);
  button.setAttribute("aria-expanded", "false");
  const place = () => placeBelow(node, button);

  function opened() {
    node.replaceChildren(...[content(node)].flat(Infinity).filter(Boolean));
    place();
    onOpen(node);
    addEventListener("resize", place);
    addEventListener("scroll", place, true);
  }

  function closed() {
    removeEventListener("resize", place);
    removeEventListener("scroll", place, true);
    const inside = node.contains(document.activeElement) || document.activeElement === document.body;
    node.replaceChildren();
    node.remove();
    if (inside && button.isConnected) button.focus();
  }

  function open() {
    (button.closest("dialog") ?? document.body).append(node);
    node.showPopover();
    opened();
  }

  node.addEventListener("beforetoggle", ({ newState }) => {
    button.setAttribute("aria-expanded", String(newState === "open"));
    if (newState === "closed") queueMicrotask(closed);
  });
  let wasOpen = false; // a press on the button closes it by itself first
  button.addEventListener("pointerdown", () => { wasOpen = button.getAttribute("aria-expanded") === "true"; });
  button.addEventListener("click", (event) => {
    if (event.detail && wasOpen) wasOpen = false;
    else if (node.isConnected) node.hidePopover();
    else open();
  });
  return { node, open, close: () => { if (node.isConnected) node.hidePopover(); }, get isOpen() { return node.isConnected; } };
}

function placeBelow(node, button) {
  const from = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = node;
  const left = from.left + width <= innerWidth - EDGE ? from.left : from.right - width;
  const below = from.bottom + GAP + height <= innerHeight - EDGE || from.top < height;
  const top = below ? from.bottom + GAP : from.top - GAP - height;
  node.style.left = `${Math.max(EDGE, Math.min(left, innerWidth - width - EDGE))}px`;
  node.style.top = `${Math.max(EDGE, Math.min(top, innerHeight - height - EDGE))}px`;
}

export function menuButton(button, items) {
  const popover = popoverOf(button, () => items().map((item) => itemNode(item, popover)), {
    role: "menu", padded: false, label: button.getAttribute("aria-label") ?? button.textContent,
    onOpen: (node) => node.querySelector(".menu-item")?.focus() });
  popover.node.addEventListener("keydown", (event) => walk(event, popover));
  button.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" || popover.isOpen) return;
    event.preventDefault();
    popover.open();
  });
  return popover;
}

function itemNode(item, popover) {
  if (!item) return el("hr", { class: "menu-line" });
  const { label, icon: name, run, href = null, tone = "", disabled = false, checked } = item;
  const press = (event) => {
    if (disabled) return void event.preventDefault();
    popover.close();
    run?.();
  };
  return el(href ? "a" : "button", { class: "menu-item", href, type: href ? null : "button", tabindex: "-1", dataset: { tone },
    role: checked === undefined ? "menuitem" : "menuitemradio", "aria-checked": checked === undefined ? null : String(checked),
    "aria-disabled": disabled && "true", onclick: press }, name && icon(name), label);
}

const STEPS = { ArrowDown: 1, ArrowUp: -1 };

function walk(event, popover) {
  const all = [...popover.node.querySelectorAll(".menu-item")];
  const at = all.indexOf(document.activeElement);
  const to = event.key === "Home" ? 0 : event.key === "End" ? all.length - 1
    : event.key in STEPS ? (at + STEPS[event.key] + all.length) % all.length : byLetter(event.key, all, at);
  if (event.key === "Tab") popover.close();
  if (to === null) return;
  event.preventDefault();
  all[to]?.focus();
}

function byLetter(key, all, at) {
  if (key.length !== 1 || key === " ") return null;
  const order = [...all.keys()].map((i) => (at + 1 + i) % all.length);
  return order.find((i) => all[i].textContent.trim().toLowerCase().startsWith(key.toLowerCase())) ?? null;
}
