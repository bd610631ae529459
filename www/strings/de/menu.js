// German: the menu to choose from.
export default {
  find: "Gericht suchen",
  none: "Kein Gericht mit diesem Namen.",
  popular: "Beliebt",
  out: "Ausverkauft",
  note: "Hinweis für die Küche",
  noteOf: "Hinweis zu {name}",
  more: "Einmal mehr {name}",
  less: "Einmal weniger {name}",
  wentOut: "{name} ist gerade ausgegangen und steht nicht mehr auf der Bestellung.",
};
