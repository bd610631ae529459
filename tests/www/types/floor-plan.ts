// floor-plan.ts - a front end's file, as one would be written against the types: it must compile, and each
// line behind @ts-expect-error must not. Compiled by tests/www/unit/socketio-types.test.mjs, never run.
import { io, type Socket } from "socket.io-client";
import type { ClientToServerEvents, EventId, JoinAnswer, Refusal, ServerToClientEvents, Table,
  TableStatus } from "../../../www/lib/socketio-events";

const socket: Socket<ServerToClientEvents, ClientToServerEvents> = io("http://127.0.0.1:8080", {
  auth: { token: "..." },
});
const tables = new Map<number, Table>();
let last: EventId = "";

function step(tableId: number, status: TableStatus): void {
  const table = tables.get(tableId);
  if (table) table.status = status;
}

socket.on("tables:connected", ({ socketId, eventId }) => { last = eventId; console.log(socketId.length); });
socket.on("table:status_changed", (change, offset) => { step(change.tableId, change.newStatus); last = offset; });
socket.on("tables:batch_update", (entries) => { for (const e of entries) step(e.tableId, e.status); });
socket.on("table:created", (table) => { tables.set(table.id, table); });
socket.on("table:deleted", ({ tableId }) => { tables.delete(tableId); });
socket.on("table:updated", ({ tableId, changes, version }) => {
  const table = tables.get(tableId);
  if (table) Object.assign(table, changes, { version });
});
socket.on("tables:sync_response", ({ tables: all, events }) => {
  for (const table of all) tables.set(table.id, table);
  for (const missed of events) {
    switch (missed.event) {
      case "table:status_changed": step(missed.data.tableId, missed.data.newStatus); break;
      case "table:created": tables.set(missed.data.id, missed.data); break;
      case "table:updated": Object.assign({}, missed.data.changes); break;
      case "table:deleted": tables.delete(missed.data.tableId); break;
      default: { const none: never = missed; throw new Error(String(none)); }
    }
    last = missed.eventId;
  }
});
socket.on("error", ({ status, code, errors }) => console.log(status, code, errors?.[0]?.field));
socket.on("connect_error", (error) => {
  const refusal = (error as Error & { data?: Refusal }).data;
  console.log(refusal?.status ?? error.message);
});

function joined(answer: JoinAnswer): void {
  if (answer.ok) console.log(answer.floor, answer.eventId);
  else console.log(answer.status, answer.detail, answer.retry_after);
}

socket.emit("tables:join", { floor: 2 }, joined);
socket.emit("tables:join", { floor: null });
socket.emit("tables:leave", { floor: 2 }, (answer) => console.log(answer.ok));
socket.emit("tables:sync", { lastEventId: last });
socket.emit("tables:sync", { lastEventId: null }, (answer) => { if (answer.ok) last = answer.eventId; });

export async function occupy(table: Table): Promise<Table | null> {
  const answer = await socket.timeout(5000).emitWithAck("table:update_status",
    { tableId: table.id, status: "occupied", version: table.version, requestId: "tap-1" });
  return answer.ok ? answer.table : null;
}

// @ts-expect-error no such event
socket.on("table:exploded", () => {});
// @ts-expect-error no such status
socket.emit("table:update_status", { tableId: 1, status: "free" });
// @ts-expect-error a floor must be named, or null
socket.emit("tables:join", {});
// @ts-expect-error a floor is a number
socket.emit("tables:join", { floor: "2" });
// @ts-expect-error the position is called lastEventId
socket.emit("tables:sync", { eventId: last });
// @ts-expect-error a batch is an array
socket.on("tables:batch_update", (batch) => console.log(batch.tableId));
// @ts-expect-error what was refused has no floor
socket.emit("tables:join", { floor: 2 }, (answer) => console.log(answer.floor));
// @ts-expect-error a status event has newStatus; an entry of a batch has status
socket.on("table:status_changed", (change) => console.log(change.status));
