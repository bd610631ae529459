// Formats: the venue's zone and currency, whatever the reader's machine is set to.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Formats, reservationTime } from "../../../www/ui/format.js";

const paris = new Formats({ timezone: "Europe/Paris", currency: "EUR" }, "en-US");
const plain = (text) => text.replace(/[\u202f\u00a0]/g, " ");

test("times are the venue's", () => {
  assert.equal(plain(paris.time("2026-07-24T17:00:00Z")), "7:00 PM");
  assert.equal(plain(paris.time("2026-12-24T17:00:00Z")), "6:00 PM");
});

test("a calendar day is not shifted by a zone", () => {
  const west = new Formats({ timezone: "America/Los_Angeles", currency: "USD" }, "en-US");
  assert.equal(west.day("2026-11-20"), "Nov 20");
  assert.equal(west.day("2026-11-20T03:00:00Z"), "Nov 19");
  assert.equal(west.isoDay(new Date("2026-11-20T03:00:00Z")), "2026-11-19");
});

test("money has the venue's currency and its decimals", () => {
  assert.equal(paris.money(24.99), "€24.99");
  assert.equal(new Formats({ currency: "JPY" }, "en-US").money(1200), "¥1,200");
});

test("what is not known is a dash, zero is zero", () => {
  assert.equal(paris.money(null), "\u2013");
  assert.equal(paris.number(undefined), "\u2013");
  assert.equal(paris.number(0), "0");
  assert.equal(paris.time("later"), "\u2013");
});

test("trends carry their sign", () => {
  assert.deepEqual([12, -8, 0].map((value) => paris.trend(value)), ["+12%", "-8%", "0%"]);
});

test("a reservation without an instant keeps the server's words", () => {
  assert.equal(reservationTime(paris, { date: "2026-11-20", time: "3:00 PM" }), "3:00 PM");
});

test("before the venue's cutoff it is still yesterday's business day", () => {
  const late = new Formats({ timezone: "Europe/Berlin", businessDayCutoff: "04:00" }, "en-GB");
  assert.equal(late.isoDay(new Date("2026-11-20T02:59:00Z")), "2026-11-19");
  assert.equal(late.isoDay(new Date("2026-11-20T03:00:00Z")), "2026-11-20");
  assert.match(late.longDay(new Date("2026-11-20T02:59:00Z")), /19 November/);
});
