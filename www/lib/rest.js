// REST over fetch: JSON in and out, problem+json as ApiError, and conditional GETs.
//
// Every GET keeps the ETag and the parsed body of its path; the next one revalidates with
// If-None-Match, and a 304 gives the kept body back with `changed: false`, so that polling costs
// the server next to nothing. Works by cookie on the same origin, or by a bearer token.
// Used by maitred-client.js and by the pages; owns the cache of bodies.

export class ApiError extends Error {
  constructor(status, problem = {}, retryAfter = 0) {
    super(problem.detail || problem.title || `The server answered ${status}`);
    this.name = "ApiError";
    this.status = status;
    this.code = problem.code ?? null;
    this.title = problem.title ?? null;
    this.fields = Array.isArray(problem.errors) ? problem.errors : [];
    this.current = problem.current ?? null; // of a conflict: how it is now
    this.retryAfter = retryAfter;
  }

  // Signed out, as opposed to "not allowed" (403) or "the server has trouble" (5xx, 0).
  get signedOut() {
    return this.status === 401;
  }
}

function parseJson(text) {
  if (!text) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null; // a proxy's HTML error page; the status says enough
  }
}

const numberOf = (text) => (text === null ? null : Number(text));

// Headers and body in one: the time limit holds for the body as well.
async function readResponse(response) {
  const { status, ok, headers } = response;
  return {
    status, ok, text: await response.text(), etag: headers.get("ETag"),
    position: headers.get("X-Feed-Position"), total: numberOf(headers.get("X-Total-Count")), retryAfter: (Number(headers.get("Retry-After")) || 0) * 1000,
  };
}

function bodyOf({ ok, status, text, retryAfter }) {
  const data = parseJson(text);
  if (ok) return data;
  throw new ApiError(status, data ?? {}, retryAfter);
}

export class RestClient {
  #base;
  #fetch;
  #timeout;
  #token = null;
  #kept = new Map();

  constructor({ base = "", fetch = globalThis.fetch, timeout = 10000 } = {}) {
    this.#base = base;
    this.#fetch = (...args) => fetch(...args);
    this.#timeout = timeout;
  }

  // Another account must never see the bodies kept for this one.
  setToken(token) {
    this.#token = token ?? null;
    this.forget();
  }

  forget() {
    this.#kept.clear();
  }

  // -> {data, position, total, changed}. `position` is where in the feed the body was read; `total`: of a list
  // that has pages, else null.
  // `within`: milliseconds, else the client's; `keep: false`: it will not be asked again.
  async get(path, { signal, within, keep = true } = {}) {
    const kept = this.#kept.get(path);
    const headers = kept ? { "If-None-Match": kept.etag } : {};
    const response = await this.#send(path, { headers, signal, within });
    const { position, total } = response;
    if (response.status === 304 && kept) {
      kept.position = position ?? kept.position;
      return { data: kept.data, position: kept.position, total: kept.total, changed: false };
    }
    const data = bodyOf(response);
    if (keep && response.etag) this.#kept.set(path, { etag: response.etag, data, position, total });
    return { data, position, total, changed: true };
  }

  // A write. `key` is the Idempotency-Key: give the same one when repeating the same write.
  async write(method, path, body, { key, signal } = {}) {
    const headers = {};
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (key) headers["Idempotency-Key"] = key;
    const text = body === undefined ? undefined : JSON.stringify(body);
    const response = await this.#send(path, { method, headers, body: text, signal });
    return { data: bodyOf(response), position: response.position };
  }

  post(path, body, options) {
    return this.write("POST", path, body, options);
  }

  async #send(path, { method = "GET", headers, body, signal, within = this.#timeout }) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), within);
    const forward = () => stop.abort();
    signal?.addEventListener("abort", forward);
    const all = { Accept: "application/json", ...headers };
    if (this.#token) all.Authorization = `Bearer ${this.#token}`;
    try {
      const response = await this.#fetch(this.#base + path, {
        method, body, headers: all, credentials: "same-origin", cache: "no-store",
        signal: stop.signal,
      });
      return await readResponse(response);
    } catch (cause) {
      if (signal?.aborted) throw cause;
      throw new ApiError(0, { title: "The server can't be reached", detail: "The server can't be reached." });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", forward);
    }
  }
}
