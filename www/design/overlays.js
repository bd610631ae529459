// Messages and what lies above the page, on the design page.

import { confirmDialog, openDialog } from "../ui/dialog.js";
import { el } from "../ui/dom.js";
import { makeDrawer } from "../ui/drawer.js";
import { check, field } from "../ui/form.js";
import { t } from "../ui/i18n.js";
import { icon } from "../ui/icon.js";
import { menuButton } from "../ui/menu.js";
import { toast } from "../ui/toast.js";

const SAID = { good: "design.saved", bad: "design.refused", info: "design.newOrder", warn: "design.beware" };
const SIGNS = { good: "circle-check", bad: "circle-alert", info: "info", warn: "triangle-alert" };

const opener = (id, text, onclick) => el("button", { class: "button", type: "button", id, onclick }, text);

function messages() {
  return [
    Object.entries(SAID).map(([tone, key]) => el("div", { class: "banner", dataset: { tone } }, icon(SIGNS[tone]), el("span", {}, t(key)),
      tone === "bad" && el("button", { class: "button compact", type: "button" }, t("common.dismiss")))),
    el("div", { class: "button-row" }, Object.entries(SAID).map(([tone, key]) =>
      opener(`say-${tone}`, t("design.say", { tone }), () => toast(t(key), { tone, action: tone === "good" ? { label: t("design.compact"), run() {} } : null })))),
  ];
}

function showDialog() {
  return openDialog({ title: t("design.dialogTitle"), content: [field({ name: "name", label: t("design.name"), value: "Salon" }),
    check({ name: "vegan", label: t("design.vegan") })],
  actions: [{ label: t("common.cancel"), value: "no" }, { label: t("design.primary"), value: "yes", tone: "primary" }] });
}

function layers() {
  const drawer = makeDrawer();
  const menu = opener("open-menu", [t("design.openMenu"), icon("chevron-down")]);
  menuButton(menu, () => [{ label: t("design.normal"), icon: "pencil" }, { label: t("design.move"), icon: "move" },
    { label: t("design.split"), icon: "receipt", disabled: true }, null, { label: t("design.danger"), icon: "trash-2", tone: "bad" }]);
  return el("div", { class: "button-row" }, opener("open-dialog", t("design.openDialog"), showDialog),
    opener("open-confirm", t("design.openConfirm"), () => confirmDialog({ title: t("design.confirmTitle"), text: t("design.confirmText"), yes: t("design.danger"), tone: "danger" })),
    opener("open-drawer", t("design.openDrawer"), () => drawer.open({ title: t("design.drawerTitle"), content: el("p", {}, t("design.drawerText")) })), menu);
}

export const overlays = (card) => [card(t("design.messages"), messages()), card(t("design.overlays"), layers())];
