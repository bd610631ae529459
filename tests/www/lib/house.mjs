// The running house that the browser tests look at: its address, its accounts, its database.
//
// MAITRED_URL, MAITRED_PASSWORD and the PG* variables come from whoever started it (tests/house).

import { randomUUID } from "node:crypto";

import { PsqlSync } from "../../lib/psql.mjs";

export const URL_OF_HOUSE = process.env.MAITRED_URL ?? "http://127.0.0.1:8080";
export const PASSWORD = process.env.MAITRED_PASSWORD ?? "maitred-demo";

const session = new PsqlSync("-F", "\t");

// One statement or script by psql, as an operator would; returns its rows, tab-separated cells.
export function psql(sql) {
  const out = session.ask(sql);
  return out ? out.split("\n").map((line) => line.split("\t")) : [];
}

export function quote(text) {
  return `'${String(text).replaceAll("'", "''")}'`;
}

export function venueId(slug) {
  return Number(psql(`select id from maitred.venue where slug = ${quote(slug)}`)[0][0]);
}

// Names that no other row of the demo has, so that a test finds its own.
// So many minutes from now, or the last one of the venue's business day: what a test calls today's must
// be today's at any hour.
export function soon(venue, minutes) {
  return psql(`select maitred.iso(least(now() + interval '${minutes} minutes', maitred.day_start(timezone, business_day_cutoff,
    maitred.today(id) + 1) - interval '1 minute')) from maitred.venue where id = ${venue}`)[0][0];
}

export function uniqueName(first) {
  return `${first} ${randomUUID().slice(0, 8)}`;
}

// REST as another program would use it: an own token, no browser, no cookie.
export class Api {
  static async login(venue, username) {
    const api = new Api();
    const { token } = await api.call("POST", "/api/auth/login", { venue, username, password: PASSWORD });
    api.token = token;
    return api;
  }

  // The session cookie, as the login page would have got it.
  get cookies() {
    return [{ name: "maitred_token", value: this.token, url: URL_OF_HOUSE, httpOnly: true, sameSite: "Strict" }];
  }

  async call(method, path, body) {
    const headers = { Accept: "application/json" };
    if (body) headers["Content-Type"] = "application/json";
    if (this.token) headers.Authorization = `Bearer ${this.token}`;
    const response = await fetch(URL_OF_HOUSE + path, { method, headers, body: body && JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text ? JSON.parse(text) : null;
  }

  get(path) {
    return this.call("GET", path);
  }

  post(path, body) {
    return this.call("POST", path, body);
  }
}

// Asks until the check no longer throws; fails with its last error.
export async function eventually(check, { within = 15000 } = {}) {
  const end = Date.now() + within;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((done) => setTimeout(done, 100));
    }
  }
}
