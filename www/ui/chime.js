// A short sound that the browser makes itself, for screens that are not looked at all the time.
//
//   const chime = makeChime("maitred.kitchen.sound");      chime.ring()   chime.set(true)   chime.on
//
// Off until somebody switches it on; the choice stays on this device under the given name. A browser keeps a page
// silent until it was touched once: the first key or press wakes the sound. `rang` counts, so that a display can be
// checked without ears. Owns the audio context.

const TONES = [{ at: 0, hertz: 880 }, { at: 0.16, hertz: 1318.5 }];
const LASTS = 0.3;
const LOUDNESS = 0.25;

export function makeChime(name) {
  let context = null;

  const isOn = () => localStorage.getItem(name) === "on";

  async function wake() {
    context ??= new AudioContext();
    if (context.state === "suspended") await context.resume().catch(() => {});
  }

  function play() {
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
  }

  const chime = {
    rang: 0,
    get on() { return isOn(); },
    async set(on) {
      localStorage.setItem(name, on ? "on" : "off");
      if (!on) return;
      await wake();
      chime.ring();
    },
    ring() {
      if (!isOn()) return;
      chime.rang += 1;
      document.documentElement.dataset.rang = chime.rang;
      if (context?.state === "running") play();
    },
  };

  for (const type of ["pointerdown", "keydown"]) addEventListener(type, () => { if (isOn()) wake(); }, { passive: true });
  return chime;
}
