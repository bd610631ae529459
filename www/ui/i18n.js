// The words of the pages: one place (www/strings/LANG/AREA.js), many languages.
//
//   await loadStrings("orders");              // the area of this page, beside "common" and "errors"
//   t("orders.title")    t("orders.shown", { n: 3, of: 12 })
//
// A text is a string with {places}, or an object by plural category ({one, other}) that is chosen by `n`. Keys
// that are missing in a language are a mistake that tests/www/unit/strings.test.mjs finds. In a page
// data-t="area.key" gives an element its text, data-t-label its aria-label, data-t-placeholder its placeholder;
// translate() fills them. Dates, numbers and money are format.js's business, in the same language.

export const LANGUAGES = { en: "English", de: "Deutsch" };
const CHOICE = "maitred.language";
const ATTRIBUTES = { t: null, tLabel: "aria-label", tPlaceholder: "placeholder", tTitle: "title" };

const texts = new Map(); // area -> {key: text}

// The language that was chosen here, else the first of the browser's that there is.
export function language() {
  const wanted = [localStorage.getItem(CHOICE), ...navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase())];
  return wanted.find((one) => Object.hasOwn(LANGUAGES, one ?? "")) ?? "en";
}

export function chooseLanguage(name) {
  localStorage.setItem(CHOICE, name);
  location.reload();
}

// What Intl is given: the browser's own region where it is of that language ("en-GB"), else the language.
export function locale() {
  const here = language();
  return navigator.languages.find((tag) => tag.toLowerCase().startsWith(here)) ?? here;
}

export async function loadStrings(...areas) {
  const here = language();
  document.documentElement.lang = here;
  const missing = ["common", "errors", ...areas].filter((area) => !texts.has(area));
  await Promise.all(missing.map(async (area) => {
    texts.set(area, (await import(`../strings/${here}/${area}.js`)).default);
  }));
  translate(document);
}

export function t(key, values = {}) {
  const at = key.indexOf(".");
  const text = texts.get(key.slice(0, at))?.[key.slice(at + 1)];
  if (text === undefined) {
    console.error(`no text ${key}`);
    return key;
  }
  return fill(typeof text === "object" ? text[plural(values.n)] ?? text.other : text, values);
}

// The same, or what else there is: for words that come from the server (states, kinds).
export function tOr(key, otherwise) {
  const at = key.indexOf(".");
  return Object.hasOwn(texts.get(key.slice(0, at)) ?? {}, key.slice(at + 1)) ? t(key) : otherwise;
}

export function translate(root) {
  for (const [data, attribute] of Object.entries(ATTRIBUTES)) {
    const name = data.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    for (const node of root.querySelectorAll(`[data-${name}]`)) {
      if (attribute) node.setAttribute(attribute, t(node.dataset[data]));
      else node.textContent = t(node.dataset[data]);
    }
  }
}

const plural = (n) => new Intl.PluralRules(language()).select(Number(n));

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}
