// Types of the floor plan's events over Socket.IO (docs/socketio.md), for front ends in TypeScript.
//
//   import { io, type Socket } from "socket.io-client";
//   import type { ClientToServerEvents, ServerToClientEvents } from "./socketio-events";
//
//   const socket: Socket<ServerToClientEvents, ClientToServerEvents> = io(url, { auth: { token } });
//
// A running house serves this file as /lib/socketio-events.d.ts. It has no code and needs no other file.

export type TableStatus = "available" | "occupied" | "reserved" | "maintenance";

/** A place in the venue's feed: everything up to it has been told to you, or was not yours. Opaque. */
export type EventId = string;

/** ISO 8601, UTC: "2026-06-27T17:30:00.000Z". */
export type Instant = string;

/** The party at a table. A table is occupied exactly while it has an open one. */
export interface TableSession {
  id: number;
  session_code: string;
  guests_count: number;
  started_at: Instant;
  last_active: Instant;
  closed_at: Instant | null;
  state: "open" | "closed" | "expired";
  /** The account of the waiter whose it is. */
  waiter: number | null;
  table_id: number;
}

/** A table, as GET /api/tables/{id} gives it. */
export interface Table {
  id: number;
  /** The label: "T-05". */
  tableNumber: string;
  number: number;
  name: string | null;
  capacity: number;
  minCapacity: number;
  floor: number;
  section: string | null;
  status: TableStatus;
  /** The reason of the status. */
  notes: string | null;
  /** Place and shape, as the front end saved it. */
  position: Record<string, unknown>;
  /** Rises with every change; send it back as `version`. */
  version: number;
  isActive: boolean;
  /** An account's name, or "system". */
  updatedBy: string;
  updatedAt: Instant;
  session: TableSession | null;
}

export interface TableStatusChanged {
  tableId: number;
  tableNumber: string;
  oldStatus: TableStatus;
  newStatus: TableStatus;
  /** An account's name, or "system". */
  updatedBy: string;
  updatedAt: Instant;
  notes?: string;
  version: number;
  eventId: EventId;
}

/** An entry of tables:batch_update: a step of status, in the order in which they happened. */
export interface TableBatchEntry {
  tableId: number;
  tableNumber: string;
  oldStatus: TableStatus;
  status: TableStatus;
  updatedBy: string;
  updatedAt: Instant;
  notes?: string;
  version: number;
  eventId: EventId;
}

/** Only what changed is in `changes`. */
export interface TableUpdated {
  tableId: number;
  changes: Partial<Omit<Table, "id" | "version" | "updatedBy" | "updatedAt">>;
  updatedBy: string;
  updatedAt: Instant;
  version: number;
  eventId: EventId;
}

/** Deleted, or moved to a floor that you have not joined. */
export interface TableDeleted {
  tableId: number;
  tableNumber: string;
  deletedBy: string;
  deletedAt: Instant;
  eventId: EventId;
}

export interface TablesConnected {
  socketId: string;
  eventId: EventId;
}

/** One of the events that you missed. */
export type MissedEvent =
  | { event: "table:status_changed"; data: TableStatusChanged; eventId: EventId }
  | { event: "table:created"; data: Table; eventId: EventId }
  | { event: "table:updated"; data: TableUpdated; eventId: EventId }
  | { event: "table:deleted"; data: TableDeleted; eventId: EventId };

/**
 * `tables` holds something only where what was missed can't be told event by event: then it is every table
 * of your rooms, and what you showed of them before is gone. It also comes unasked, after a bulk change.
 */
export interface TablesSyncResponse {
  tables: Table[];
  events: MissedEvent[];
}

/**
 * What every refusal is: in an acknowledgement, as event `error` where none was asked for, and in `data` of
 * the `connect_error` with which a connection is refused.
 */
export interface Refusal {
  ok: false;
  /** As REST would say it: 403, 404, 409, 422, 429, 503. */
  status: number;
  /** For programs: "rate_limited", "version_conflict", "floor_not_found", ... */
  code: string;
  /** For people. */
  detail: string;
  errors?: { field: string; code: string; detail: string }[];
  /** Seconds. */
  retry_after?: number;
}

/** What a successful acknowledgement holds, or a refusal: `if (answer.ok)` tells which. */
export type Answer<Success> = ({ ok: true } & Success) | Refusal;

export type JoinAnswer = Answer<{ floor: number | null; eventId: EventId }>;
export type LeaveAnswer = Answer<{ floor: number | null }>;
export type SyncAnswer = Answer<{ eventId: EventId }>;
export type StatusAnswer = Answer<{ table: Table; eventId: EventId }>;

/** A floor, or null: all tables. */
export interface Room {
  floor: number | null;
}

export interface StatusUpdate {
  tableId: number;
  status: TableStatus;
  /** Why; an empty one removes it. */
  notes?: string | null;
  /** The version that you have: an older one is refused with 409 version_conflict. */
  version?: number;
  /** Passes the limit of updates a second, with the right `emergency`. */
  emergency?: boolean;
  /** 1 to 128 visible characters: sent again with the same one, it is done once. */
  requestId?: string;
}

export interface ClientToServerEvents {
  "tables:join": (room: Room, ack?: (answer: JoinAnswer) => void) => void;
  "tables:leave": (room: Room, ack?: (answer: LeaveAnswer) => void) => void;
  /** Null: no events, all tables. */
  "tables:sync": (from: { lastEventId: EventId | null }, ack?: (answer: SyncAnswer) => void) => void;
  "table:update_status": (update: StatusUpdate, ack?: (answer: StatusAnswer) => void) => void;
}

/**
 * Each event's data. Behind it comes `offset`, the position that the packet acknowledges: socket.io-client
 * keeps it for connection state recovery, and it is good as `lastEventId`.
 */
export interface ServerToClientEvents {
  "tables:connected": (connected: TablesConnected, offset: EventId) => void;
  "table:status_changed": (change: TableStatusChanged, offset: EventId) => void;
  "table:created": (table: Table, offset: EventId) => void;
  "table:updated": (update: TableUpdated, offset: EventId) => void;
  "table:deleted": (deleted: TableDeleted, offset: EventId) => void;
  "tables:batch_update": (entries: TableBatchEntry[], offset: EventId) => void;
  "tables:sync_response": (response: TablesSyncResponse, offset: EventId) => void;
  error: (refusal: Refusal) => void;
}
