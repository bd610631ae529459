// What is out ("86"): find a dish and take it off, or bring one back. What is out stands first.

import { el, stateMessage } from "../ui/dom.js";
import { openDialog } from "../ui/dialog.js";
import { explain } from "../ui/explain.js";
import { searchField } from "../ui/form.js";
import { t } from "../ui/i18n.js";
import { keyedList } from "../ui/keyed.js";
import { menuItems, onMenu } from "../ui/menu-list.js";

export async function openSoldOut({ client }) {
  const dishes = menuItems(client);
  const search = searchField({ label: t("kitchen.findDish") });
  const input = search.querySelector("input");
  const none = el("div", { hidden: true }, stateMessage(t("kitchen.noDish")));
  const body = el("ul", { class: "dish-list" });
  const dialog = openDialog({ title: t("kitchen.soldOutTitle"), wide: true, content: [search, body, none], onClose: () => dishes.close() });
  const drawRows = keyedList(body, (item) => dishRow(item, toggle));

  function draw() {
    const words = input.value.trim().toLowerCase();
    const found = onMenu(dishes).filter(({ name }) => name.toLowerCase().includes(words)).sort((a, b) => a.available - b.available);
    drawRows(found);
    none.hidden = found.length > 0;
  }

  function complain(error) {
    dialog.notices.replaceChildren(...(error ? [el("div", { class: "banner", role: "alert", dataset: { tone: "bad" } }, explain(error))] : []));
  }

  async function toggle({ id, available }) {
    const now = { available: !available };
    const settle = dishes.expect(id, now);
    try {
      const { data, position } = await client.change({ method: "PATCH", path: `/api/restaurant/menu/items/${id}/availability`, body: now });
      dishes.put(data, position);
      complain(null);
    } catch (error) {
      complain(error);
    } finally {
      settle();
    }
  }

  input.addEventListener("input", draw);
  input.focus();
  dishes.onChange(draw);
  await dishes.load().catch(complain);
}

function dishRow(first, toggle) {
  let item = first;
  const name = el("span", { class: "dish" });
  const badge = el("span", { class: "badge" });
  const button = el("button", { class: "button", type: "button", onclick: () => toggle(item) });
  const node = el("li", { dataset: { dish: item.id } }, name, badge, button);

  function show(now) {
    item = now;
    node.dataset.available = item.available;
    name.textContent = item.name;
    badge.textContent = item.available ? t("kitchen.there") : t("kitchen.out");
    badge.dataset.tone = item.available ? "good" : "bad";
    button.textContent = item.available ? t("kitchen.takeOff") : t("kitchen.bringBack");
    button.setAttribute("aria-label", `${button.textContent}: ${item.name}`);
  }

  return { node, show };
}
