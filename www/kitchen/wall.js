// A kitchen's screen is dark until somebody chooses otherwise: before the first paint, so no module.
if (!localStorage.getItem("maitred.theme") && !matchMedia("(prefers-contrast: more)").matches) {
  document.documentElement.dataset.theme = "dark";
}
