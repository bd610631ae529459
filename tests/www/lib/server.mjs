// A small server that speaks what the client library needs, by the real `ws` package: a log with
// positions, subscribe, resume, ping, conditional GETs. The tests of www/lib run against it.

import http from "node:http";
import { once } from "node:events";
import { WebSocketServer } from "ws";

export class Server {
  log = [];
  seq = 10;
  upgrades = [];
  requests = [];
  answers = new Map();
  refuse = false; // upgrades with 401
  noStreams = false;
  noPolls = false;
  forbidden = new Set(); // channels that streams and polls refuse
  streams = new Set();
  #polls = new Set();
  exact = true; // can a resume be exact?
  #sockets = new WebSocketServer({ noServer: true, handleProtocols: (set) => (set.has("bearer") ? "bearer" : false) });
  #http = http.createServer((request, response) => this.#answer(request, response));

  static async start() {
    const server = new Server();
    server.#http.on("upgrade", (...args) => server.#upgrade(...args));
    server.#http.listen(0, "127.0.0.1");
    await once(server.#http, "listening");
    return server;
  }

  get url() {
    return `http://127.0.0.1:${this.#http.address().port}`;
  }

  get position() {
    return `e1v1-${this.seq}`;
  }

  get clients() {
    return [...this.#sockets.clients];
  }

  emit(message) {
    this.seq += 1;
    const text = JSON.stringify({ ...message, cursor: this.position });
    this.log.push({ seq: this.seq, text });
    for (const client of this.clients) client.send(text);
    for (const stream of this.streams) stream.write(this.#block(text));
    for (const answer of this.#polls) answer();
  }

  closeAll(code, reason) {
    for (const client of this.clients) client.close(code, reason);
  }

  cutAll() {
    for (const client of this.clients) client.terminate();
    for (const stream of this.streams) stream.destroy();
  }

  // As the real one: a stream is told, a poll is answered, and asking again is refused.
  endSessions() {
    this.signedOut = true;
    for (const stream of this.streams) stream.end(`event: close\ndata: {"type":"close","code":4003}\n\n`);
    for (const answer of this.#polls) answer(true);
  }

  async stop() {
    this.cutAll();
    this.#http.closeAllConnections();
    this.#http.close();
    await once(this.#http, "close");
  }

  #upgrade(request, socket, head) {
    this.upgrades.push(request);
    this.onUpgrade?.(request);
    if (this.refuse) {
      socket.end("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (client) => {
      client.on("message", (text) => this.#heard(client, JSON.parse(text)));
    });
  }

  #heard(client, { action, channels, session, cursor }) {
    const say = (message) => client.send(JSON.stringify({ ...message, cursor: this.position }));
    if (action === "ping") say({ type: "pong" });
    if (action === "subscribe") say({ status: "subscribed", channels, session: channels.join() });
    if (action !== "resume") return;
    if (session === "forged") return void say({ type: "error", code: "bad_session" });
    const granted = session.split(",");
    client.send(JSON.stringify({ status: "subscribed", channels: granted, session, cursor }));
    if (!this.exact) return void say({ type: "resync", channels: granted });
    for (const { seq, text } of this.log) if (seq > Number(cursor.split("-")[1])) client.send(text);
  }

  #since(position) {
    return this.log.filter(({ seq }) => seq > Number(position.split("-")[1])).map(({ text }) => text);
  }

  #block(text) {
    const { type, cursor } = JSON.parse(text);
    return `id: ${cursor}\nevent: ${type}\ndata: ${text}\n\n`;
  }

  // Says itself what it refused, as the real one does; true when it did.
  #refused(response, query, closed) {
    const bad = query.get("channels").split(",").filter((name) => this.forbidden.has(name));
    if (!this.signedOut && !closed && !bad.length) return false;
    response.writeHead(this.signedOut ? 401 : 403, { "Content-Type": "application/problem+json" });
    response.end(JSON.stringify({ code: "invalid_field", errors: closed ? [] : bad.map((name) => ({ field: "channels", detail: `${name} is not known or not granted` })) }));
    return true;
  }

  #stream(query, response) {
    if (this.#refused(response, query, this.noStreams)) return;
    const since = query.get("since") ?? this.position;
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.write(this.#block(JSON.stringify({ type: "subscribed", channels: query.get("channels").split(","), cursor: since })));
    for (const text of this.#since(since)) response.write(this.#block(text));
    this.streams.add(response);
    response.on("close", () => this.streams.delete(response));
  }

  #poll(query, response) {
    if (this.#refused(response, query, this.noPolls)) return;
    const since = query.get("since") ?? this.position;
    const answer = (now = false) => {
      const events = this.#since(since);
      if (!now && !events.length && query.has("since") && query.get("timeout") !== "0") return false;
      this.#polls.delete(answer);
      response.writeHead(200, { "Content-Type": "application/json" });
      response.end(`{"cursor":"${this.position}","events":[${events}]}`);
      return true;
    };
    if (!answer()) this.#polls.add(answer);
    response.on("close", () => this.#polls.delete(answer));
  }

  #answer(request, response) {
    this.requests.push(request);
    const { pathname, searchParams } = new URL(request.url, this.url);
    if (pathname === "/events") return this.#stream(searchParams, response);
    if (pathname === "/poll") return this.#poll(searchParams, response);
    const { status = 200, data = null, headers = {} } = this.answers.get(request.url) ?? { status: 404 };
    const etag = `"${JSON.stringify(data).length}-${this.seq}"`;
    const all = { "Content-Type": "application/json", ETag: etag, "X-Feed-Position": this.position, ...headers };
    const fresh = status === 200 && request.headers["if-none-match"] === etag;
    response.writeHead(fresh ? 304 : status, all);
    return response.end(fresh || data === null ? "" : typeof data === "string" ? data : JSON.stringify(data));
  }
}

// Collects what happens and waits for it: until(() => condition) resolves at the event that makes
// it true, and fails by itself after a generous time.
export class Happenings {
  list = [];
  #waiting = new Set();

  add(name, detail) {
    this.list.push({ name, detail });
    this.check();
  }

  names() {
    return this.list.map(({ name }) => name);
  }

  of(name) {
    return this.list.filter((one) => one.name === name).map(({ detail }) => detail);
  }

  check() {
    for (const waiter of [...this.#waiting]) waiter();
  }

  until(condition, what = "the condition") {
    return new Promise((resolve, reject) => {
      const limit = setTimeout(() => {
        this.#waiting.delete(waiter);
        reject(new Error(`waited in vain for ${what}; happened: ${JSON.stringify(this.list)}`));
      }, 15000);
      const waiter = () => {
        if (!condition()) return;
        this.#waiting.delete(waiter);
        clearTimeout(limit);
        resolve();
      };
      this.#waiting.add(waiter);
      waiter();
    });
  }
}
