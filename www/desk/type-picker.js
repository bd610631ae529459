// Which kind of room: price, how many guests it is meant for, and how many are left in the nights that are asked for.
//
// makeTypePicker(desk, {chosen, onPick}) -> {node, value, choose(id), free(availability), busy(bool), party(guests),
// say(text)}. A type without rooms left can be chosen all the same: the house may sell beyond, and it decides.

import { el, setFigure } from "../ui/dom.js";
import { t } from "../ui/i18n.js";

export function makeTypePicker(desk, { chosen, onPick }) {
  let value = chosen;
  let left = null; // name of a type -> how many
  let guests = 0;
  const error = el("p", { class: "field-error", id: "room-type-error", role: "alert" });
  const warning = el("p", { class: "field-hint warn", role: "status" });
  const choices = new Map(desk.house.types.map((type) => [type.id, choice(type)]));
  const list = el("div", { class: "type-choices" }, [...choices.values()].map(({ node }) => node));
  const node = el("fieldset", { class: "field type-picker", "aria-describedby": error.id }, el("legend", {}, t("desk.roomType")), list, warning, error);

  function choice(type) {
    const input = el("input", { type: "radio", name: "roomType", value: type.id, checked: type.id === value,
      onchange: () => { value = type.id; say(""); draw(); onPick(); } });
    const figure = el("data", { class: "figure", value: "", dataset: { figure: `form.left.${type.id}` } });
    return { input, figure, node: el("label", { class: "pick", dataset: { type: type.id } }, input, el("span", { class: "pick-words" },
      el("strong", {}, type.name), el("span", { class: "muted small" }, t("desk.perNight", { price: desk.formats.money(type.basePrice), n: type.capacity })), figure)) };
  }

  function draw() {
    for (const type of desk.house.types) {
      const { input, figure, node: label } = choices.get(type.id);
      const count = left?.get(type.name);
      input.checked = type.id === value;
      setFigure(figure, count ?? "", left ? (count ? t("desk.left", { n: count }) : t("desk.noneLeft")) : "");
      label.dataset.left = left ? (count ? "some" : "none") : "unknown";
    }
    const most = desk.house.type(value)?.capacity ?? guests;
    warning.hidden = guests <= most;
    warning.textContent = t("desk.tooMany", { n: most });
  }

  function say(text) {
    error.textContent = text;
    list.toggleAttribute("data-invalid", Boolean(text));
  }

  draw();
  return {
    node, say,
    get value() { return value; },
    choose(id) { value = id; draw(); },
    free(answer) { left = answer && new Map(answer.roomTypes.map(({ type, available }) => [type, available])); draw(); },
    busy(is) { list.toggleAttribute("aria-busy", is); },
    party(count) { guests = count; draw(); },
  };
}
