// A panel at the side for the details of one thing; the list beside it stays in use, so it is no dialog.
//
//   const drawer = makeDrawer({ onClose });
//   drawer.open({ title, content, actions: [button, ...] });      drawer.setContent(nodes)     drawer.close()
//
// Escape closes it, and the focus goes back to where it was. One a page; owns its node.

import { el } from "./dom.js";
import { t } from "./i18n.js";
import { icon } from "./icon.js";

export function makeDrawer({ id = "drawer", onClose = () => {} } = {}) {
  const title = el("h2", { id: `${id}-title`, tabindex: "-1" });
  const body = el("div", { class: "drawer-body" });
  const foot = el("footer", { class: "drawer-foot" });
  const node = el("aside", { class: "drawer", id, "aria-labelledby": title.id },
    el("header", { class: "drawer-head" }, title, el("button", { class: "icon-button", type: "button",
      "aria-label": t("common.close"), onclick: () => close() }, icon("x"))),
    body, foot);
  let opener = null;

  node.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.stopPropagation();
    close();
  });

  function open({ title: text, content, actions = [], focus = true }) {
    if (!node.isConnected) opener = document.activeElement;
    title.textContent = text;
    setContent(content);
    foot.replaceChildren(...actions);
    if (!node.isConnected) document.body.append(node);
    if (focus) title.focus();
  }

  function setContent(content) {
    body.replaceChildren(...[content].flat(Infinity).filter(Boolean));
  }

  function close() {
    if (!node.isConnected) return;
    const inside = node.contains(document.activeElement);
    node.remove();
    if (inside && opener?.isConnected) opener.focus();
    opener = null;
    onClose();
  }

  return { node, body, foot, open, close, setContent, get isOpen() { return node.isConnected; } };
}
