// What a person does with tables, and how it goes on: optimistic, queued while offline, refused, in conflict.
//
// makeChanges({client, list, conflict}) -> {setStatus, create, edit, remove, bulk, waits(id)}. Owns the wishes that
// are laid over the list until their answers are there; after a reload they are those of the queue.

import { explain } from "../ui/explain.js";
import { t } from "../ui/i18n.js";
import { toast } from "../ui/toast.js";
import { statusWord } from "./words.js";

const STATUS_PATH = /^\/api\/tables\/(\d+)\/status$/;

const pathOf = (id) => `/api/tables/${id}`;

export function makeChanges({ client, list, conflict }) {
  const wishes = new Map(); // idempotency key -> settle()
  const queuedFor = (id) => client.queue.list().filter(({ path }) => path === `${pathOf(id)}/status`);

  function keep(key, id, fields) {
    if (!wishes.has(key)) wishes.set(key, list.expect(id, fields));
  }

  function settle(key) {
    wishes.get(key)?.();
    wishes.delete(key);
  }

  // Those of the queue that nothing shows yet: after a reload, or made in another tab. What it no longer has is over.
  function follow(waiting) {
    const keys = new Set(waiting.map(({ key }) => key));
    for (const { key, path, body } of waiting) {
      const [, id] = STATUS_PATH.exec(path) ?? [];
      if (id) keep(key, Number(id), { status: body.status });
    }
    for (const key of [...wishes.keys()]) if (!keys.has(key) && !key.startsWith("now ")) settle(key);
  }

  client.on("queue", follow);
  client.on("sent", (change, { data, position }) => { if (STATUS_PATH.test(change.path)) list.put(data, position); });
  client.on("replayed", ({ refused }) => {
    for (const { change, error } of refused) {
      const [, id] = STATUS_PATH.exec(change.path) ?? [];
      if (id && error.code === "version_conflict") clash(Number(id), change.body, error);
    }
  });

  async function setStatus(table, status, more = {}) {
    const before = queuedFor(table.id);
    const body = { status, ...more, ...(!before.length && { version: table.version }) };
    const key = `now ${table.id} ${performance.now()}`;
    keep(key, table.id, { status });
    try {
      const outcome = await client.change({ method: "PATCH", path: `${pathOf(table.id)}/status`, body, queue: true, patient: false,
        label: t("floor.changeLabel", { label: table.tableNumber, status: statusWord(status) }) });
      if (!outcome.queued) list.put(outcome.data, outcome.position);
    } catch (error) {
      refuse(table, body, error);
    } finally {
      settle(key);
    }
  }

  function refuse(table, body, error) {
    if (error.code === "version_conflict") return void clash(table.id, body, error);
    if (error.code === "rate_limited") {
      return void toast(t("floor.tooMany"), { tone: "bad", action: { label: t("floor.emergency"),
        run: () => setStatus(list.get(table.id), body.status, { ...body, emergency: true }) } });
    }
    return void toast(t("floor.failed", { reason: explain(error) }), { tone: "bad" });
  }

  async function clash(id, { status, notes }, error) {
    const now = error.current;
    const yours = [[t("floor.status"), statusWord(status)]];
    const theirs = [[t("floor.status"), statusWord(now.status)]];
    if (await conflict({ table: now, yours, theirs })) await setStatus(now, status, notes === undefined ? {} : { notes });
    else list.put(now, null);
  }

  async function write(method, path, body) {
    const { data, position } = await client.change({ method, path, body });
    return { data, position };
  }

  return {
    setStatus,
    waits: (id) => queuedFor(id).length > 0,
    follow,
    async create(body) {
      const { data, position } = await write("POST", "/api/tables", body);
      list.put(data, position);
      return data;
    },
    async edit(id, body) {
      const { data, position } = await write("PATCH", pathOf(id), body);
      list.put(data, position);
      return data;
    },
    async remove(table) {
      const { position } = await write("DELETE", pathOf(table.id));
      list.drop(table.id, position);
    },
    bulk: (ids, updates) => write("PATCH", "/api/tables/bulk", { tableIds: ids, updates }).then(({ data }) => data),
    async saveLayout(floor, tables) {
      const { data, position } = await write("PUT", `/api/floors/${floor}/layout`, { tables });
      for (const table of data.tables) list.put(table, position);
      return data;
    },
  };
}
