// What a kitchen's screen remembers of itself, on this device: when a ticket is slow and when late, how large the
// type is, whether a new one rings; language and appearance as on every page.

import { el } from "../ui/dom.js";
import { openDialog } from "../ui/dialog.js";
import { check, checkForm, field, values } from "../ui/form.js";
import { LANGUAGES, chooseLanguage, language, t } from "../ui/i18n.js";

const KEPT = "maitred.kitchen";
const DEFAULTS = { slow: 10, late: 20, size: "normal" };

export class Settings {
  constructor() {
    const kept = JSON.parse(localStorage.getItem(KEPT) ?? "{}");
    Object.assign(this, DEFAULTS, kept);
    this.#apply();
  }

  set(changes) {
    Object.assign(this, changes);
    localStorage.setItem(KEPT, JSON.stringify(this));
    this.#apply();
  }

  ageOf(minutes) {
    if (minutes >= this.late) return "late";
    return minutes >= this.slow ? "slow" : "fresh";
  }

  #apply() {
    document.documentElement.dataset.size = this.size;
  }
}

export function openSettings({ settings, chime, onChange }) {
  const minutes = (name, label) => field({ name, label, type: "number", min: 1, max: 240, required: true, value: settings[name] });
  const one = (name, label, options, value) => field({ name, label, options, value });
  const theme = globalThis.maitredTheme;
  const themes = ["auto", "light", "dark", "contrast"].map((value) => ({ value, label: t(`common.theme_${value}`) }));
  const before = theme.choice === "auto" && document.documentElement.dataset.theme === "dark" ? "dark" : theme.choice;
  openDialog({
    title: t("kitchen.settings"),
    content: [
      el("div", { class: "fields" }, minutes("slow", t("kitchen.slowAfter")), minutes("late", t("kitchen.lateAfter"))),
      one("size", t("kitchen.size"), [{ value: "normal", label: t("kitchen.sizeNormal") }, { value: "large", label: t("kitchen.sizeLarge") }], settings.size),
      check({ name: "sound", label: t("kitchen.sound"), checked: chime.on, kind: "switch" }),
      el("div", { class: "fields" }, one("theme", t("common.theme"), themes, before),
        one("language", t("common.language"), Object.entries(LANGUAGES).map(([value, label]) => ({ value, label })), language())),
      el("p", { class: "small" }, el("a", { href: "/" }, t("kitchen.leave"))),
    ],
    actions: [{ label: t("common.cancel") }, { label: t("kitchen.keep"), tone: "primary", run: ({ form }) => {
      if (!checkForm(form)) return false;
      const chosen = values(form);
      settings.set({ slow: Number(chosen.slow), late: Math.max(Number(chosen.late), Number(chosen.slow)), size: chosen.size });
      if (Boolean(chosen.sound) !== chime.on) chime.set(Boolean(chosen.sound));
      if (chosen.theme !== before) theme.choose(chosen.theme);
      if (chosen.language !== language()) chooseLanguage(chosen.language);
      onChange();
      return true;
    } }],
  });
}
