// The theme, before the first paint: a small classic script in the head of every page (and so no module).
//
// The choice ("auto", "light", "dark", "contrast") is the browser's own, in localStorage; what it comes to stands in
// data-theme and data-contrast of <html>, for style.css. globalThis.maitredTheme = {choice, choose(name)} is for the
// account menu; "themechange" is told on document. Tabs follow each other. The width of the rail (rail.js) is kept here too.

globalThis.maitredTheme ??= (() => {
  const KEY = "maitred.theme";
  const CHOICES = ["auto", "light", "dark", "contrast"];
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const more = matchMedia("(prefers-contrast: more)");
  const html = document.documentElement;

  function choice() {
    const kept = localStorage.getItem(KEY);
    return CHOICES.includes(kept) ? kept : "auto";
  }

  function apply() {
    const now = choice();
    const contrast = now === "contrast" || (now === "auto" && more.matches);
    html.dataset.theme = now === "light" || now === "dark" ? now : dark.matches ? "dark" : "light";
    if (contrast) html.dataset.contrast = "more";
    else delete html.dataset.contrast;
    document.dispatchEvent(new Event("themechange"));
  }

  for (const query of [dark, more]) query.addEventListener("change", apply);
  addEventListener("storage", ({ key }) => { if (key === KEY || key === null) apply(); });
  apply();
  html.dataset.rail = localStorage.getItem("maitred.rail") ?? "";
  return {
    get choice() { return choice(); },
    choose(name) {
      localStorage.setItem(KEY, name);
      apply();
    },
  };
})();
