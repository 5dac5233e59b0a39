/** Requests to one server: key, time limit, and retries with backoff. */
import { errorOf, VitrinaError } from "./errors.js";

export interface ClientOptions {
  /** The server, such as `https://search.example.com`; a path before its endpoints is kept. */
  url: string | URL;
  /** A search-only key, where the server asks for one. */
  key?: string;
  /** How often a request is repeated that met a busy or unreachable server; 2 unless given, 0 for never. */
  retries?: number;
  /** Milliseconds that one attempt may take; 15,000 unless given. Waiting for a photo's result is not counted. */
  timeout?: number;
  /** What sends requests; the runtime's own `fetch` unless given. */
  fetch?: typeof globalThis.fetch;
}

export interface RequestOptions {
  /** Aborts the request: it rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
}

interface Call extends RequestOptions {
  method?: "GET" | "POST";
  body?: BodyInit;
  headers?: Record<string, string>;
  /** More time for this request, in milliseconds. */
  extra?: number;
  /** False for a request that must not arrive twice: only an answer that refuses it is retried. */
  repeatable?: boolean;
  keepalive?: boolean;
}

const RETRIES = 2;
const TIMEOUT = 15_000;
/** The first wait before a repetition and the longest, in milliseconds. */
const BACKOFF = 250;
const LONGEST = 10_000;

export class Http {
  readonly base: string;
  private readonly retries: number;
  private readonly timeout: number;
  private readonly send: typeof globalThis.fetch;
  private readonly key: string | undefined;

  constructor(options: ClientOptions) {
    this.base = String(options.url).replace(/\/+$/, "");
    this.key = options.key;
    this.retries = options.retries ?? RETRIES;
    this.timeout = options.timeout ?? TIMEOUT;
    this.send = options.fetch ?? ((...of) => globalThis.fetch(...of));
  }

  /** The answer of a path, as JSON. */
  json<T>(path: string, call: Call = {}): Promise<T> {
    return this.answer(path, call, jsonOf<T>);
  }

  /** Posts JSON. */
  post<T>(path: string, body: unknown, options: RequestOptions = {}): Promise<T> {
    const headers = { "content-type": "application/json" };
    return this.json(path, { ...options, method: "POST", headers, body: JSON.stringify(body) });
  }

  /** What `read` makes of the answer of a path, which is one of success; time limit and signal hold until it is read. */
  async answer<T>(path: string, call: Call, read: (response: Response) => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.attempt(path, call, read);
      } catch (error) {
        if (!(error instanceof VitrinaError) || attempt >= this.retries || !mayRepeat(error, call)) throw error;
        await pause(wait(attempt, error.retryAfter), call.signal);
      }
    }
  }

  private async attempt<T>(path: string, call: Call, read: (response: Response) => Promise<T>): Promise<T> {
    const { signal, extra = 0, repeatable: _, headers, ...init } = call;
    signal?.throwIfAborted();
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), this.timeout + extra);
    const abort = () => limit.abort(signal?.reason);
    signal?.addEventListener("abort", abort, { once: true });
    try {
      const key = this.key ? { authorization: `Bearer ${this.key}` } : {};
      const response = await this.send(this.base + path, {
        ...init,
        headers: { ...headers, ...key },
        signal: limit.signal,
        credentials: "omit",
      });
      if (!response.ok) throw await errorOf(response);
      return await read(response);
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      if (error instanceof VitrinaError) throw error;
      if (limit.signal.aborted) throw new VitrinaError("timeout", "the server did not answer in time");
      throw new VitrinaError("network", "the server cannot be reached", null, null, { cause: error });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    }
  }
}

/** The body of an answer, as JSON. */
export async function jsonOf<T>(response: Response): Promise<T> {
  const text = await response.text();
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw new VitrinaError("failed", "the server's answer is no JSON", response.status, null, { cause });
  }
}

/** An answer that refuses a request can be followed by another attempt; where none came, the request may have arrived. */
function mayRepeat(error: VitrinaError, call: Call): boolean {
  return error.isTemporary && (call.repeatable !== false || error.status !== null);
}

/** Exponential backoff with jitter, and never less than the server asks for. */
function wait(attempt: number, asked: number | null): number {
  const backoff = BACKOFF * 2 ** attempt * (0.5 + Math.random());
  return Math.min(LONGEST, Math.max(backoff, asked ?? 0));
}

/** Waits; rejects with the signal's reason when it is aborted. */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", abort, { once: true });
  });
}
