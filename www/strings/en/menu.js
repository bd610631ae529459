// English: the menu to choose from.
export default {
  find: "Find a dish",
  none: "No dish of this name.",
  popular: "Popular",
  out: "Sold out",
  note: "Note for the kitchen",
  noteOf: "Note for {name}",
  more: "One more {name}",
  less: "One {name} less",
  wentOut: "{name} has just gone out; it is off your order.",
};
