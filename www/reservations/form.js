// The form of a reservation: a new one, or another shape of one that there is. Which tables are free follows the day,
// the time and the party as they are typed, and the book while the form is open.

import { el } from "../ui/dom.js";
import { openDialog } from "../ui/dialog.js";
import { check, checkForm, field, values } from "../ui/form.js";
import { t } from "../ui/i18n.js";
import { dayOf, momentOf, timeOf } from "../ui/venue-time.js";
import { makeTablePicker } from "./table-picker.js";
import { sourceText } from "./words.js";
import { write } from "./write.js";

const SOURCES = ["phone", "walk_in", "website", "mobile", "partner"];
const LENGTHS = [60, 90, 120, 150, 180, 240];
const QUARTER = 15 * 60_000;
const ASK_AFTER = 180;
const NAMES = ["customerName", "contactNumber", "email", "source", "specialRequests", "partySize", "durationMinutes"];
const NUMBERS = new Set(["partySize", "durationMinutes"]);

function fieldsOf(page, base) {
  const zone = page.formats.timezone;
  const lengths = [...new Set([...LENGTHS, base.durationMinutes])].sort((a, b) => a - b);
  return {
    when: el("div", { class: "fields close" },
      field({ name: "day", label: t("reservations.day"), type: "date", required: true, value: dayOf(base.date, zone) }),
      field({ name: "time", label: t("reservations.time"), type: "time", required: true, step: 300, value: timeOf(base.date, zone) }),
      field({ name: "partySize", label: t("reservations.party"), type: "number", min: 1, max: 100, required: true, value: base.partySize }),
      field({ name: "durationMinutes", label: t("reservations.length"), value: base.durationMinutes,
        options: lengths.map((value) => ({ value, label: t("reservations.minutes", { n: value }) })) })),
    who: el("div", { class: "fields two" },
      field({ name: "customerName", label: t("reservations.guest"), required: true, maxlength: 100, value: base.customerName, autocomplete: "off" }),
      field({ name: "contactNumber", label: t("reservations.phone"), type: "tel", pattern: "[0-9+\\(\\) .\\/\\-]{3,32}", title: t("reservations.phoneHint"), value: base.contactNumber }),
      field({ name: "email", label: t("reservations.email"), type: "email", maxlength: 254, value: base.email }),
      field({ name: "source", label: t("reservations.source"), value: base.source, options: SOURCES.map((value) => ({ value, label: sourceText(value) })) })),
    requests: field({ name: "specialRequests", label: t("reservations.requests"), rows: 2, maxlength: 1000, value: base.specialRequests }),
  };
}

// The next quarter of an hour that is not over; of another day, dinner.
function nextQuarter({ book, formats }) {
  if (book.day !== book.today) return momentOf(book.day, "19:00", formats.timezone);
  return new Date(Math.ceil(Date.now() / QUARTER) * QUARTER).toISOString();
}

export function openReservationForm(page, { reservation = null, given = {} } = {}) {
  const { book, formats } = page;
  const fresh = { customerName: "", date: nextQuarter(page), partySize: 2, durationMinutes: 120, source: "phone", tableId: null };
  let base = reservation ?? { ...fresh, ...given };
  const parts = fieldsOf(page, base);
  const tables = makeTablePicker(page, { given: base.tableId, except: reservation?.id, none: t("reservations.noTableYet") });
  const firm = check({ name: "firm", label: t("reservations.firm"), checked: true });
  let timer = null;
  let stop = null;
  const dialog = openDialog({ title: reservation ? t("reservations.editTitle", { guest: reservation.customerName }) : t("reservations.newTitle"),
    wide: true, keep: true, onClose: end, content: [parts.when, tables.node, parts.who, parts.requests, reservation ? null : firm],
    actions: [{ label: t("common.cancel"), value: "no" },
      { label: t(reservation ? "reservations.save" : "reservations.book"), value: "save", tone: "primary", run: send }] });
  const form = () => dialog.form.elements;
  const moment = () => (form().day.value && form().time.value ? momentOf(form().day.value, form().time.value, formats.timezone) : null);

  function follow() {
    clearTimeout(timer);
    timer = setTimeout(look, ASK_AFTER);
  }

  // Who else is there: of the business day that the moment belongs to.
  async function look() {
    const date = moment();
    if (!date) return;
    stop?.abort();
    stop = new AbortController();
    const from = Date.parse(date);
    const { partySize, durationMinutes } = form();
    const reservations = await book.of(formats.isoDay(new Date(from)), { signal: stop.signal }).catch(() => null);
    if (reservations) tables.show({ reservations, from, until: from + Number(durationMinutes.value) * 60_000, partySize: Number(partySize.value) });
  }

  // Of a new one what is said, of one that there is what is another than it was.
  function bodyOf() {
    const all = values(dialog.form);
    const changed = NAMES.filter((name) => (reservation ? String(base[name] ?? "") !== all[name] : all[name] !== ""));
    const body = Object.fromEntries(changed.map((name) => [name, NUMBERS.has(name) ? Number(all[name]) : all[name]]));
    if (!reservation || Date.parse(moment()) !== Date.parse(base.date)) body.date = moment();
    if (tables.value && (!reservation || tables.value !== base.tableId)) body.tableId = tables.value;
    if (!reservation) body.status = all.firm ? "confirmed" : "pending";
    return body;
  }

  async function send() {
    tables.say("");
    if (!checkForm(dialog.form)) return false;
    const body = bodyOf();
    if (reservation && !Object.keys(body).length) return true;
    const done = await write(page, reservation?.id ?? null, { body: reservation ? { ...body, version: base.version } : body, dialog,
      places: { tableId: (text) => { tables.say(text); look(); } },
      said: (now) => t(reservation ? "reservations.saved" : "reservations.taken", { guest: now.customerName }) });
    return Boolean(done);
  }

  // Somebody else changed it while it is edited: theirs can be taken over, or overwritten knowingly.
  function changedMeanwhile() {
    const now = reservation && book.reservation(reservation.id);
    if (!now || now.version <= base.version || dialog.form.getAttribute("aria-busy")) return;
    const take = (work) => () => { base = now; work(); dialog.notices.replaceChildren(); };
    dialog.notices.replaceChildren(el("div", { class: "banner", role: "alert", dataset: { tone: "warn", banner: "changed" } },
      el("span", {}, t("reservations.changedMeanwhile")), el("span", { class: "row" },
        el("button", { class: "button compact", type: "button", dataset: { action: "theirs" }, onclick: take(() => fill(now)) }, t("reservations.takeTheirs")),
        el("button", { class: "button compact", type: "button", dataset: { action: "mine" }, onclick: take(() => {}) }, t("reservations.keepMine")))));
  }

  function fill(now) {
    const all = { ...now, day: dayOf(now.date, formats.timezone), time: timeOf(now.date, formats.timezone) };
    for (const name of [...NAMES, "day", "time"]) form()[name].value = all[name] ?? "";
    look();
  }

  const off = book.onChange(() => { follow(); changedMeanwhile(); });
  function end() {
    off();
    tables.end();
    clearTimeout(timer);
    stop?.abort();
  }

  dialog.form.addEventListener("input", follow);
  look();
  form().customerName.focus();
}
