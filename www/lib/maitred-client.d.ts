// Types of the client library, for front ends in TypeScript. The head of maitred-client.js is its manual.

import type { Channel, EventId, Message, MessageType, ToldBooking, ToldReservation } from "./messages";

export * from "./messages";

export type State = "idle" | "connecting" | "live" | "reconnecting" | "disconnected" | "ended";
export type Transport = "websocket" | "eventstream" | "longpoll" | "polling";

/** A problem of REST (RFC 9457); status 0: the server was not reached. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string | null;
  readonly title: string | null;
  readonly fields: { field: string; code: string; detail: string }[];
  /** Of a conflict: how it is now. */
  readonly current: unknown;
  /** Milliseconds. */
  readonly retryAfter: number;
  get signedOut(): boolean;
}

export interface Answer<T> {
  data: T;
  /** Where in the feed the body was read. */
  position: EventId | null;
}

export interface ReadAnswer<T> extends Answer<T> {
  /** Of a list that has pages. */
  total: number | null;
  changed: boolean;
}

export class RestClient {
  constructor(options?: { base?: string; fetch?: typeof fetch; timeout?: number });
  setToken(token: string | null): void;
  get<T = unknown>(path: string, options?: { signal?: AbortSignal; within?: number; keep?: boolean }): Promise<ReadAnswer<T>>;
  write<T = unknown>(method: string, path: string, body?: unknown, options?: { key?: string; signal?: AbortSignal }): Promise<Answer<T>>;
  post<T = unknown>(path: string, body?: unknown, options?: { key?: string; signal?: AbortSignal }): Promise<Answer<T>>;
  forget(): void;
}

export interface Change {
  method: "POST" | "PUT" | "PATCH" | "DELETE";
  path: string;
  body?: unknown;
  /** What people read when it waits or is refused. */
  label?: string;
  /** It may wait while the server can't be reached. */
  queue?: boolean;
  /** Unless false: too many a second are sent again when the server says so. */
  patient?: boolean;
  /** The idempotency key; its own where none is given. */
  key?: string;
}

export interface WaitingChange extends Change {
  key: string;
  /** Milliseconds since 1970. */
  at: number;
}

export type ChangeOutcome<T> = { queued: true; key: string } | ({ queued: false } & Answer<T>);

interface OwnHandlers {
  state(state: State, detail: { previous: State }): void;
  transport(name: Transport | null): void;
  lost(): void;
  restored(detail: { resumed: boolean }): void;
  syncing(): void;
  synced(detail: { exact: boolean; count: number }): void;
  polling(active: boolean): void;
  refresh(reason: "subscribed" | "resumed" | "resync" | "polled"): void;
  message(message: Message): void;
  subscribed(message: { channels: string[]; cursor: EventId }): void;
  upcoming_list(message: { reservations: (ToldReservation | ToldBooking)[]; cursor: EventId | null }): void;
  profile(profile: Record<string, unknown>): void;
  session_ended(): void;
  error(error: { code: string; detail?: string; channels?: string[] }): void;
  offline(active: boolean): void;
  queue(changes: WaitingChange[]): void;
  sent(change: WaitingChange, answer: Answer<unknown>): void;
  replayed(outcome: { done: number; refused: { change: WaitingChange; error: ApiError }[] }): void;
}

export type Handlers = OwnHandlers & { [T in MessageType]: (message: Message<T>) => void };

export interface ClientOptions {
  /** The house, "https://house.example"; in a page its own origin. */
  url?: string;
  /** For Node: those of the packages ws and eventsource. */
  WebSocket?: unknown;
  EventSource?: unknown;
  fetch?: typeof fetch;
  /** One connection for all tabs of the browser. */
  shared?: boolean;
  /** Where changes wait: localStorage, else only this object's memory. */
  storage?: Storage;
  /** navigator.locks: one tab at a time sends what waits. */
  locks?: unknown;
  /** Milliseconds. */
  pingEvery?: number;
  pongWithin?: number;
  openWithin?: number;
  disconnectedAfter?: number;
  pollUpcomingEvery?: number;
  pollStatsEvery?: number;
}

export class DashboardClient {
  constructor(options?: ClientOptions);
  readonly rest: RestClient;
  readonly queue: { readonly size: number; list(): WaitingChange[]; replay(): Promise<void> };
  get state(): State;
  get transport(): Transport | null;
  get channels(): string[];
  get cursor(): EventId | null;
  get polling(): boolean;
  get offline(): boolean;
  setAuth(auth: { token?: string | null; owner?: string | null }): void;
  setEventHandlers(handlers: Partial<Handlers>): void;
  on<N extends keyof Handlers>(name: N, listener: Handlers[N]): () => void;
  connect(): void;
  disconnect(): void;
  subscribe(channels: Channel[]): void;
  unsubscribe(channels: Channel[]): void;
  change<T = unknown>(change: Change): Promise<ChangeOutcome<T>>;
  checkSession(): Promise<"ok" | "ended" | "unreachable">;
  retryNow(): void;
  probe(): void;
}

export interface ListOptions<T> {
  client: DashboardClient;
  /** Of a GET; one with `limit` is read page by page. */
  path: string;
  read?: (data: never) => T[];
  hears: { [K in MessageType]?: (message: Message<K>) => T | null };
  idOf?: (item: T) => string | number;
}

/** A list that stays current: one answer of REST, and every event behind it. */
export class LiveList<T> {
  constructor(options: ListOptions<T>);
  readonly loaded: boolean;
  readonly failed: ApiError | null;
  get size(): number;
  get total(): number;
  get(id: string | number): T | undefined;
  values(): T[];
  onChange(listener: (change: { reset: boolean; changed: (string | number)[]; removed: (string | number)[] }) => void): () => void;
  load(path?: string): Promise<void>;
  put(item: T, position: EventId | null): void;
  drop(id: string | number, position: EventId | null): void;
  /** An optimistic change; settle() when its answer is there. */
  expect(id: string | number, fields: Partial<T>): () => void;
  waits(id: string | number): boolean;
  close(): void;
}
