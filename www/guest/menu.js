// The menu, to order from; what is chosen stands in the bar at the bottom until it is sent.

import { el } from "../ui/dom.js";
import { explain } from "../ui/explain.js";
import { confirmDialog } from "../ui/dialog.js";
import { t } from "../ui/i18n.js";
import { icon } from "../ui/icon.js";
import { makeMenuPicker } from "../ui/menu-picker.js";
import { toast } from "../ui/toast.js";

export function makeMenu({ client, formats, orders, placed }) {
  const words = el("span", {});
  const send = el("button", { class: "button large primary send", type: "button", id: "send", hidden: true, onclick: () => place() },
    icon("send"), words);
  let sum = { count: 0, total: 0 };
  const picker = makeMenuPicker({ client, formats, onChange: (now) => {
    sum = now;
    send.hidden = !sum.count;
    words.textContent = t("guest.send", { n: sum.count, total: formats.money(sum.total) });
  } });
  document.getElementById("menu-view").append(picker.node);
  document.getElementById("bar").prepend(send);

  async function place() {
    const sure = await confirmDialog({ title: t("guest.sure"), yes: t("guest.sureYes"),
      text: t("guest.sureText", { n: sum.count, total: formats.money(sum.total) }) });
    if (!sure) return;
    send.disabled = true;
    try {
      const { data, position } = await client.change({ method: "POST", path: "/api/v1/orders", body: { items: picker.items() } });
      orders.put(data, position);
      picker.clear();
      placed(data);
    } catch (error) {
      toast(error.code === "item_unavailable" ? error.fields.map(({ detail }) => detail).join(" ") || explain(error) : explain(error), { tone: "bad" });
      if (error.code === "item_unavailable") picker.load().catch(() => {});
    } finally {
      send.disabled = false;
    }
  }

  return { load: () => picker.load() };
}
