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
  }

  closeAll(code, reason) {
    for (const client of this.clients) client.close(code, reason);
  }

  cutAll() {
    for (const client of this.clients) client.terminate();
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

  #answer(request, response) {
    this.requests.push(request);
    const { status = 200, data = null, headers = {} } = this.answers.get(request.url) ?? { status: 404 };
    const etag = `"${JSON.stringify(data).length}-${this.seq}"`;
    const all = { "Content-Type": "application/json", ETag: etag, "X-Feed-Position": this.position, ...headers };
    const fresh = status === 200 && request.headers["if-none-match"] === etag;
    response.writeHead(fresh ? 304 : status, all);
    response.end(fresh || data === null ? "" : typeof data === "string" ? data : JSON.stringify(data));
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
