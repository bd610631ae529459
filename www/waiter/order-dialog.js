// Taking an order at the table: the menu, and a button that tells how many and how much.

import { el } from "../ui/dom.js";
import { openDialog } from "../ui/dialog.js";
import { showProblem } from "../ui/form.js";
import { t } from "../ui/i18n.js";
import { makeMenuPicker } from "../ui/menu-picker.js";
import { toast } from "../ui/toast.js";

export async function openOrder({ client, formats, steps, session, table }) {
  const picker = makeMenuPicker({ client, formats, onChange: showSum });
  const dialog = openDialog({ title: t("waiter.orderFor", { n: table.number }), wide: true, content: picker.node, onClose: () => picker.close(), actions: [
    { label: t("common.cancel"), value: "no" },
    { label: t("waiter.send"), value: "send", tone: "primary", run: send },
  ] });
  const button = dialog.form.querySelector('[data-action="send"]');

  function showSum({ count, total }) {
    button.disabled = count === 0;
    button.textContent = count ? t("waiter.sendSum", { n: count, total: formats.money(total) }) : t("waiter.send");
  }

  async function send() {
    try {
      const order = await steps.place(session, picker.items());
      toast(t("waiter.sent", { number: order.order_number }), { tone: "good" });
      return true;
    } catch (error) {
      showProblem(dialog, error);
      dialog.node.scrollTop = 0;
      if (error.code === "item_unavailable") picker.load().catch(() => {});
      return false;
    }
  }

  showSum({ count: 0, total: 0 });
  await picker.load().catch((error) => { dialog.notices.replaceChildren(el("div", { class: "banner", dataset: { tone: "bad" } }, error.message)); });
}
