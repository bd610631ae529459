// The sound of a new order: two tones that the browser makes itself, off until somebody switches it on.
//
// The choice is remembered on this device. A browser may keep a page silent until it was touched once: then the
// button says so, and the first key or press wakes the sound. Owns the button and the audio context.

import { el, setText } from "../ui/dom.js";
import { icon, setIcon } from "../ui/icon.js";
import { t } from "../ui/i18n.js";

const CHOICE = "maitred.orders.sound";
const TONES = [{ at: 0, hertz: 880 }, { at: 0.18, hertz: 1174.7 }];
const LASTS = 0.32;
const LOUDNESS = 0.25;

export function makeBell() {
  let context = null;
  const label = el("span", {});
  const sign = icon("bell-off");
  const button = el("button", { class: "button compact bell", type: "button", id: "sound",
    onclick: () => set(!isOn()) }, sign, label);

  const isOn = () => localStorage.getItem(CHOICE) === "on";

  function set(on) {
    localStorage.setItem(CHOICE, on ? "on" : "off");
    if (on) wake().then(ring);
    draw();
  }

  async function wake() {
    context ??= new AudioContext();
    if (context.state === "suspended") await context.resume().catch(() => {});
    draw();
  }

  function draw() {
    button.setAttribute("aria-pressed", String(isOn()));
    setIcon(sign, isOn() ? "bell-ring" : "bell-off");
    const silent = isOn() && context?.state !== "running";
    setText(label, silent ? t("orders.soundAsleep") : isOn() ? t("orders.soundOn") : t("orders.soundOff"));
  }

  // Counts what it rang, so that a display can be checked without ears.
  function ring() {
    if (!isOn() || context?.state !== "running") return;
    for (const { at, hertz } of TONES) {
      const start = context.currentTime + at;
      const gain = new GainNode(context, { gain: 0 });
      gain.gain.setValueAtTime(LOUDNESS, start);
      gain.gain.exponentialRampToValueAtTime(0.001, start + LASTS);
      const tone = new OscillatorNode(context, { frequency: hertz });
      tone.connect(gain).connect(context.destination);
      tone.start(start);
      tone.stop(start + LASTS);
    }
    button.dataset.rang = Number(button.dataset.rang ?? 0) + 1;
  }

  for (const type of ["pointerdown", "keydown"]) {
    addEventListener(type, () => { if (isOn() && context?.state !== "running") wake(); });
  }
  if (isOn()) wake();
  draw();
  return { button, ring, toggle: () => set(!isOn()) };
}
