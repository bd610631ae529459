// The client of the admin tables: live over /admin/ws/dashboard, over REST while the socket is away.
//
//   const client = new AdminClient();
//   client.setEventHandlers({ tables(list) {}, table(info, { deleted }) {}, ...LiveClient's });
//   client.connect();
//   await client.act("close_table", { table_id: 12 });   // rejects with {code, message}
//
// act() resolves once the action's own update has come, so that a page shows nothing that was not
// committed. Owns the actions under way.

import { AdminConnection } from "./admin-connection.js";
import { LiveClient } from "./live-client.js";
import { socketMaker } from "./live-socket.js";
import { ApiError } from "./rest.js";
import { uuid } from "./uuid.js";

const LIST = "/admin/api/tables";
const POLL_EVERY = 5000;
const ANSWER_WITHIN = 10000;
const POLL_AFTER_FAILURES = 3;

// The same step by REST: [path, body] of its fields.
const BY_REST = {
  close_table: ({ table_id: id }) => [`${LIST}/${id}/close`],
  disable_table: ({ table_id: id }) => [`${LIST}/${id}/disable`],
  enable_table: ({ table_id: id }) => [`${LIST}/${id}/enable`],
  restore_table: ({ table_id: id }) => [`${LIST}/${id}/restore`],
  move_table: ({ from, to }) => [`${LIST}/move`, { from, to }],
};

// The table whose update says that the step was taken: of a move the last that is told.
const lastOf = (fields) => fields.to ?? fields.table_id;

export class AdminClient extends LiveClient {
  #pending = new Map(); // requestId -> {table, done, failed, timer}

  constructor({ url, WebSocket, fetch, clock, rest, random, pollEvery = POLL_EVERY, ...settings } = {}) {
    super({ url, WebSocket, fetch, clock, rest });
    this.setPollJobs([{ name: "tables", every: pollEvery, run: (current) => this.#fetch(current) }]);
    this.connection = new AdminConnection({ ...settings, random, clock: this.clock,
      makeSocket: socketMaker({ origin: this.origin, WebSocket: this.WebSocket, path: "/admin/ws/dashboard", token: () => this.bearer() }),
      checkSession: () => this.checkSession(),
      on: {
        state: (state, detail) => this.stateChanged(state, detail),
        retry: ({ failures, crowded }) => this.setPolling(crowded || failures >= POLL_AFTER_FAILURES),
        snapshot: (tables) => this.#snapshot(tables),
        update: ({ table, deleted = false }) => this.#update(table, deleted),
        error: (message) => this.#error(message),
      } });
  }

  stateChanged(state, detail) {
    if (detail.previous === "live") this.#failAll("The connection was lost; look whether it was done.");
    super.stateChanged(state, detail);
    if (state === "live") this.nowCurrent({ resumed: false });
  }

  act(action, fields) {
    if (this.state !== "live") return this.#actByRest(action, fields);
    const requestId = uuid();
    return new Promise((done, failed) => {
      const timer = this.clock.setTimeout(() => this.#settle(requestId, "failed",
        new ApiError(0, { detail: "No answer yet; look whether it was done.", code: "timeout" })), ANSWER_WITHIN);
      this.#pending.set(requestId, { table: lastOf(fields), done, failed, timer });
      this.connection.send({ action, ...fields, requestId });
    });
  }

  async #actByRest(action, fields) {
    const [path, body] = BY_REST[action](fields);
    await this.rest.post(path, body, { key: uuid() });
    await this.#fetch(() => true);
  }

  async #fetch(current) {
    const { data } = await this.rest.get(LIST);
    if (current()) this.emit("tables", data.tables);
  }

  #snapshot(tables) {
    this.emit("tables", tables);
  }

  #update(table, deleted) {
    this.emit("table", table, { deleted });
    for (const [id, wish] of this.#pending) if (wish.table === table.id) this.#settle(id, "done", table);
  }

  #error({ code, detail, requestId }) {
    if (this.#pending.has(requestId)) this.#settle(requestId, "failed", new ApiError(0, { code, detail }));
    else this.emit("error", { code, detail });
  }

  #settle(requestId, how, value) {
    const wish = this.#pending.get(requestId);
    if (!wish) return;
    this.#pending.delete(requestId);
    this.clock.clearTimeout(wish.timer);
    wish[how](value);
  }

  #failAll(detail) {
    for (const id of [...this.#pending.keys()]) this.#settle(id, "failed", new ApiError(0, { code: "lost", detail }));
  }
}
