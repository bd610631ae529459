// Who is signed in, and what is theirs to choose: language, theme, leaving.
//
// accountButton({onSignOut}) -> {node, show(profile)}; lookButton() without anybody. The choices are the browser's (i18n.js, theme.js).

import { el } from "./dom.js";
import { LANGUAGES, chooseLanguage, language, t } from "./i18n.js";
import { icon } from "./icon.js";
import { popoverOf } from "./menu.js";

const THEMES = { auto: "monitor", light: "sun", dark: "moon", contrast: "contrast" };

export function accountButton({ onSignOut }) {
  let profile = null;
  const initials = el("span", { class: "avatar", "aria-hidden": "true" });
  const name = el("span", { class: "account-name" });
  const node = el("button", { class: "account", type: "button", id: "account" },
    el("span", { class: "visually-hidden" }, t("common.account")), initials, name, icon("chevron-down"));
  popoverOf(node, () => content(profile, onSignOut), { label: t("common.account"), padded: false });

  function show(known) {
    profile = known;
    const full = profile.name ?? profile.email ?? "";
    initials.textContent = initialsOf(full);
    name.replaceChildren(el("span", {}, full), el("span", { class: "muted" }, roleName(profile.role)));
  }

  return { node, show };
}

// The same choices where nobody is signed in: the login page, the design page.
export function lookButton() {
  const node = el("button", { class: "button quiet", type: "button", id: "look" }, icon("palette"), t("common.look"));
  popoverOf(node, choices, { label: t("common.look"), padded: false });
  return node;
}

const initialsOf = (name) => name.split(/\s+/).slice(0, 2).map((word) => word.charAt(0).toUpperCase()).join("");
const roleName = (role) => t(`common.role_${role}`);

function content(profile, onSignOut) {
  return [
    profile && el("div", { class: "account-who" }, el("strong", {}, profile.name ?? profile.email ?? ""),
      el("span", { class: "muted" }, `${roleName(profile.role)} \u00b7 ${profile.venue.name}`)),
    choices(),
    el("hr", { class: "menu-line" }),
    el("button", { class: "menu-item", type: "button", id: "sign-out", onclick: (event) => onSignOut(event.currentTarget) },
      icon("log-out"), t("common.signOut")),
  ];
}

function choices() {
  return [
    choice({ name: "language", title: t("common.language"), chosen: language(), choose: chooseLanguage,
      options: Object.entries(LANGUAGES).map(([value, label]) => ({ value, label, lang: value })) }),
    choice({ name: "theme", title: t("common.theme"), chosen: globalThis.maitredTheme.choice, choose: (value) => globalThis.maitredTheme.choose(value),
      options: Object.entries(THEMES).map(([value, sign]) => ({ value, sign, label: t(`common.theme_${value}`) })) }),
  ];
}

function choice({ name, title, chosen, choose, options }) {
  return el("fieldset", { class: "choice" }, el("legend", {}, title), options.map(({ value, label, sign, lang }) =>
    el("label", { lang }, el("input", { type: "radio", name: `choice-${name}`, value, checked: value === chosen,
      onchange: () => choose(value) }), sign && icon(sign), el("span", {}, label))));
}
