// Charts by chart.js in the colours of style.css, redrawn when the theme changes.
//
// A chart here is a picture of figures that stand as text beside it: the canvas is hidden from
// screen readers. Used by trends.js and breakdown.js; the only file that knows chart.js, whose UMD
// build (copied to vendor/ by the build) is one file and sets globalThis.Chart. It is half of what a dashboard
// weighs, so figures don't wait for it, nor miss anything when it does not come.

import { el } from "./dom.js";

let Chart = null;
let coming = null;
const charts = new Set();
const still = matchMedia("(prefers-reduced-motion: reduce)");

function token(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

// A canvas knows no custom properties: tokens are resolved at each drawing.
function paintOf(colour) {
  return colour.startsWith("--") ? token(colour) : colour;
}

async function fetchLibrary() {
  try {
    await import("../vendor/chart.js");
    ({ Chart } = globalThis);
    Chart.defaults.font.family = getComputedStyle(document.documentElement).fontFamily;
  } catch (error) {
    console.warn("no charts:", error.message);
  }
  for (const chart of charts) chart.libraryCame();
}

document.addEventListener("themechange", () => {
  for (const chart of charts) chart.redraw();
});

class Picture {
  #chart = null;
  #last = null;
  #make;

  constructor(className, make) {
    this.canvas = el("canvas", { "aria-hidden": "true" });
    this.node = el("div", { class: `chart ${className}` }, this.canvas);
    this.#make = make;
    charts.add(this);
    coming ??= fetchLibrary();
    if (!Chart) this.node.setAttribute("aria-busy", "true");
  }

  libraryCame() {
    this.node.removeAttribute("aria-busy");
    this.redraw();
  }

  draw(data) {
    this.#last = data;
    if (!Chart) return;
    const { config, datasets, labels } = this.#make(data);
    if (!this.#chart) {
      this.#chart = new Chart(this.canvas, { ...config, data: { labels, datasets } });
      return;
    }
    this.#chart.data.labels = labels;
    this.#chart.data.datasets.forEach((set, i) => Object.assign(set, datasets[i]));
    this.#chart.options = config.options;
    this.#chart.update();
  }

  redraw() {
    if (this.#last) this.draw(this.#last);
  }
}

function commonOptions() {
  return {
    responsive: true,
    maintainAspectRatio: false,
    animation: still.matches ? false : { duration: 300 },
    plugins: { legend: { display: false } },
  };
}

function axis(options = {}) {
  return {
    grid: { color: token("--border"), drawTicks: false },
    border: { display: false },
    ticks: { color: token("--text-muted"), padding: 8, maxRotation: 0, autoSkipPadding: 12, ...options.ticks },
    ...options.scale,
  };
}

// Bars for the first series, lines for the others. data: {labels, series: [{name, values, colour}]}
export function seriesChart() {
  return new Picture("", ({ labels, series }) => ({
    labels,
    datasets: series.map((one, i) => dataset(one, i)),
    config: {
      type: "bar",
      options: {
        ...commonOptions(),
        interaction: { mode: "index", intersect: false },
        scales: {
          x: axis({ scale: { grid: { display: false } } }),
          y: axis({ ticks: { precision: 0 }, scale: { beginAtZero: true } }),
        },
      },
    },
  }));
}

function dataset({ name, values, colour, dashed }, index) {
  const paint = paintOf(colour);
  const shared = { label: name, data: values, backgroundColor: paint, borderColor: paint, order: index ? 0 : 1 };
  if (index === 0) return { ...shared, type: "bar", borderRadius: 4, maxBarThickness: 36 };
  return {
    ...shared, type: "line", borderWidth: 2, tension: 0.3, pointRadius: 2.5,
    pointBackgroundColor: paint, borderDash: dashed ? [5, 4] : [],
  };
}

// data: {labels, values, colours, format(value)}
export function ringChart() {
  return new Picture("round", ({ labels, values, colours, format }) => ({
    labels,
    datasets: [{
      data: values, backgroundColor: colours.map(paintOf), borderColor: token("--surface"), borderWidth: 2, hoverOffset: 0,
    }],
    config: {
      type: "doughnut",
      options: {
        ...commonOptions(),
        cutout: "66%",
        plugins: {
          legend: { display: false },
          tooltip: { callbacks: { label: (item) => `${item.label}: ${format(item.parsed)}` } },
        },
      },
    },
  }));
}
