// WCAG 2.2 contrast, computed from the tokens of www/ui/style.css in all four themes:
// 4.5 to 1 for text (1.4.3), 3 to 1 for controls, dots and chart marks (1.4.11).

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const css = readFileSync(new URL("../../../www/ui/style.css", import.meta.url), "utf8");
const TEXT = [
  ["--text", "--bg"], ["--text", "--surface"], ["--text", "--surface-2"],
  ["--text-muted", "--bg"], ["--text-muted", "--surface"], ["--text-muted", "--surface-2"],
  ["--accent", "--surface"], ["--on-accent", "--accent"], ["--on-accent", "--accent-hover"], ["--on-accent-weak", "--accent-weak"],
  ["--good", "--good-weak"], ["--good", "--surface"], ["--warn", "--warn-weak"],
  ["--bad", "--bad-weak"], ["--bad", "--surface"], ["--bad", "--bg"], ["--warn", "--surface"],
  ["--info", "--info-weak"], ["--info", "--surface"],
];
const MARKS = [
  ["--border-strong", "--surface"], ["--border-strong", "--bg"], ["--focus", "--bg"], ["--focus", "--surface"],
  ["--dot-good", "--surface"], ["--dot-bad", "--surface"], ["--dot-info", "--surface"],
  ["--chart-1", "--surface"], ["--chart-2", "--surface"], ["--chart-3", "--surface"],
  ["--chart-4", "--surface"], ["--chart-5", "--surface"], ["--chart-6", "--surface"],
  ["--chart-7", "--surface"], ["--chart-8", "--surface"], ["--chart-9", "--surface"], ["--chart-10", "--surface"],
];

function tokens(block) {
  return Object.fromEntries([...block.matchAll(/(--[\w-]+):\s*(#[0-9a-f]{6});/g)].map(([, name, value]) => [name, value]));
}

function luminance(hex) {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a, b) {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

// A theme is what its selectors set, over the light one.
const block = (selector) => tokens(css.slice(css.indexOf(`\n${selector} {`)).split("}")[0]);
const [light, dark, more, darkMore] = [":root", ':root[data-theme="dark"]', ':root[data-contrast="more"]',
  ':root[data-theme="dark"][data-contrast="more"]'].map(block);
const schemes = {
  light, dark: { ...light, ...dark },
  "light, more contrast": { ...light, ...more },
  "dark, more contrast": { ...light, ...dark, ...more, ...darkMore },
};

for (const [name, scheme] of Object.entries(schemes)) {
  for (const [kind, pairs, least] of [["text", TEXT, 4.5], ["marks", MARKS, 3]]) {
    test(`${kind} of the ${name} scheme stand out enough`, () => {
      const poor = pairs.map(([a, b]) => ({ pair: `${a} on ${b}`, ratio: contrast(scheme[a], scheme[b]) }))
        .filter(({ ratio }) => !(ratio >= least));
      assert.deepEqual(poor, []);
    });
  }
}

// WCAG 1.4.6, the enhanced contrast, for whoever asks for more.
for (const name of ["light, more contrast", "dark, more contrast"]) {
  test(`text of the theme "${name}" stands out by 7 to 1`, () => {
    const poor = TEXT.map(([a, b]) => ({ pair: `${a} on ${b}`, ratio: contrast(schemes[name][a], schemes[name][b]) }))
      .filter(({ ratio }) => !(ratio >= 7));
    assert.deepEqual(poor, []);
  });
}
