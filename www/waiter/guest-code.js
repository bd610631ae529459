// The code that opens the guests' page of a table: to be scanned from the waiter's screen, or copied.

import { el } from "../ui/dom.js";
import { openDialog } from "../ui/dialog.js";
import { explain } from "../ui/explain.js";
import { t } from "../ui/i18n.js";
import { icon } from "../ui/icon.js";
import { qrNode } from "../ui/qr.js";
import { toast } from "../ui/toast.js";

export async function openGuestCode({ steps, formats, session, table }) {
  const body = el("div", { class: "guest-code" }, el("div", { class: "skeleton qr" }));
  const dialog = openDialog({ title: t("waiter.codeOf", { n: table.number }), content: body });
  try {
    const { token, expiresAt } = await steps.guestToken(session);
    const link = `${location.origin}/guest/#${token}`; // behind the #: no server and no log ever sees it
    body.replaceChildren(el("p", {}, t("waiter.codeHint")), qrNode(link, { label: t("waiter.codeOf", { n: table.number }) }),
      el("p", { class: "muted small" }, t("waiter.codeUntil", { time: formats.time(expiresAt) })),
      el("button", { class: "button", type: "button", onclick: () => copy(link) }, icon("copy"), t("waiter.copyLink")),
      el("a", { class: "small", href: link, target: "_blank", rel: "noopener", id: "guest-link" }, t("waiter.openLink")));
  } catch (error) {
    dialog.notices.replaceChildren(el("div", { class: "banner", role: "alert", dataset: { tone: "bad" } }, explain(error)));
    body.replaceChildren();
  }
}

async function copy(link) {
  try {
    await navigator.clipboard.writeText(link);
    toast(t("waiter.copied"), { tone: "good" });
  } catch {
    toast(t("waiter.notCopied"), { tone: "bad" });
  }
}
