// Moving a session to another table: by drag, or by the tile's Move and then the target's "Move here".
//
// makeMoving({grid, tiles, move}): move(from, to) takes the step. While one is chosen the tiles that
// could take it offer a button, and Escape ends it. Owns which table is being moved.

import { el } from "../ui/dom.js";
import { t } from "../ui/i18n.js";
import { icon } from "../ui/icon.js";
import { stateOf } from "./table-tile.js";

const canTake = (info, from) => info.id !== from.id && ["free", "reserved"].includes(stateOf(info));

export function makeMoving({ grid, tiles, move }) {
  const hint = document.getElementById("moving");
  let from = null;
  let opener = null;

  function offer(tile) {
    tile.node.querySelector(".target")?.remove();
    if (!from || !canTake(tile.info, from)) return;
    tile.node.append(el("button", { class: "button primary target", type: "button",
      "aria-label": t("admin.moveTo", { from: from.number, to: tile.info.number }),
      onclick: () => choose(tile.info) }, icon("arrow-down"), t("admin.moveHere", { from: from.number })));
  }

  function draw() {
    grid.dataset.moving = from ? "yes" : "";
    hint.hidden = !from;
    hint.textContent = from ? t("admin.moving", { from: from.number }) : "";
    for (const tile of tiles()) {
      tile.node.toggleAttribute("data-source", tile.info.id === from?.id);
      offer(tile);
    }
  }

  function choose(target) {
    const source = from;
    end();
    move(source, target);
  }

  function start(info, button = null) {
    from = info;
    opener = button;
    draw();
    grid.querySelector(".target")?.focus();
  }

  function end() {
    if (!from) return;
    from = null;
    draw();
    if (opener?.isConnected) opener.focus();
    opener = null;
  }

  const tileAt = (event) => [...tiles()].find(({ node }) => node.contains(event.target));

  grid.addEventListener("dragstart", (event) => {
    const tile = tileAt(event);
    if (!tile) return;
    event.dataTransfer.setData("text/plain", String(tile.info.number));
    event.dataTransfer.effectAllowed = "move";
    from = tile.info;
    requestAnimationFrame(draw); // a change of the dragged node within dragstart ends the drag
  });
  grid.addEventListener("dragover", (event) => {
    const tile = tileAt(event);
    if (from && tile && canTake(tile.info, from)) event.preventDefault();
  });
  grid.addEventListener("drop", (event) => {
    const tile = tileAt(event);
    if (!from || !tile || !canTake(tile.info, from)) return;
    event.preventDefault();
    choose(tile.info);
  });
  grid.addEventListener("dragend", end);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") end(); });

  // A tile has changed: what is moved may be gone, a target may be taken.
  function changed(tile) {
    if (from && tile.info.id === from.id && stateOf(tile.info) !== "occupied") end();
    else offer(tile);
  }

  return { start, changed };
}
