import { ServerUnreachable } from "@switchyard/protocol/errors";
import { addressOf } from "./address.ts";
import { codeOf, errorOf, unreachable } from "./answers.ts";
import type { BytesBody, CallOptions } from "./methods.ts";
import { Backoff, type RetryPolicy } from "./retry.ts";
import type { Route } from "./routes.ts";
import { describeVersions, otherVersionOf, stepsBetween } from "./versions.ts";

/** Where a client's requests go and how. */
export interface Connection {
  readonly url: string;
  readonly token: string | null;
  readonly fetch: typeof fetch;
  /** whether `fetch` was given by whoever made the client */
  readonly ownFetch: boolean;
  readonly retry: RetryPolicy;
  /** of this program; undefined when nobody wants to know about differences */
  readonly version: string | undefined;
  /** told once, when the server is further away than one minor version */
  readonly onOtherVersion: ((sentence: string) => void) | undefined;
}

export interface RequestInput extends CallOptions {
  readonly params?: Readonly<Record<string, unknown>> | undefined;
  readonly query?: Readonly<Record<string, unknown>> | undefined;
  readonly body?: unknown;
  readonly lastEventId?: string;
}

/** A good answer. JSON is read already, because an answer that breaks off half-way is as if none had come. */
export interface Answer {
  readonly response: Response;
  readonly text: string;
}

/** Sends one request, again while the server is away if a repeat is harmless. Throws what is not a good answer. */
export async function send(connection: Connection, route: Route, input: RequestInput): Promise<Answer> {
  const address = addressOf(connection.url, route.path, input.params, input.query);
  const headers = headersOf(connection, route, input);
  const repeatable = isRepeatable(route);
  const { retry } = connection;
  const backoff = new Backoff({ ...retry, forSeconds: Math.max(retry.forSeconds, input.awaySeconds ?? 0) });
  for (;;) {
    const attempt = await tryOnce(connection, address, route, input, headers);
    if (attempt.response !== null) noteVersion(connection, attempt.response);
    if (attempt.response?.ok) return { response: attempt.response, text: attempt.text };
    const mayRepeat = repeatable ? attempt.away : attempt.neverArrived;
    if (mayRepeat && (await backoff.wait(input.signal, attempt.waitMs))) {
      await attempt.response?.body?.cancel();
      continue;
    }
    throw attempt.response === null ? unreachable(connection.url, attempt.error) : await errorOf(attempt.response, connection);
  }
}

const told = new WeakSet<Connection>();

function noteVersion(connection: Connection, response: Response): void {
  const { version, url, onOtherVersion } = connection;
  const server = otherVersionOf(response, version);
  if (server === null || version === undefined || onOtherVersion === undefined || told.has(connection)) return;
  if (Math.abs(stepsBetween(version, server)) <= 1) return;
  told.add(connection);
  onOtherVersion(`${describeVersions(version, server, url)} They may misunderstand each other.`);
}

/** One try. `away`: it may be well soon. `neverArrived`: the server cannot have begun to act on it. */
interface Attempt {
  readonly response: Response | null;
  readonly text: string;
  readonly error?: unknown;
  readonly away: boolean;
  readonly neverArrived: boolean;
  readonly waitMs: number;
}

async function tryOnce(connection: Connection, address: string, route: Route, input: RequestInput, headers: Headers): Promise<Attempt> {
  try {
    const response = await exchange(connection, address, route, input, headers);
    const text = response.ok && route.answer === "json" ? await response.text() : "";
    return { response, text, away: await isAway(response), neverArrived: false, waitMs: retryAfterMs(response) };
  } catch (error) {
    input.signal?.throwIfAborted();
    if (!isNetworkError(error)) throw error;
    return { response: null, text: "", error, away: true, neverArrived: codeOf(error) === "ECONNREFUSED", waitMs: 0 };
  }
}

function exchange(connection: Connection, address: string, route: Route, input: RequestInput, headers: Headers): Promise<Response> {
  const request = { method: route.method, headers, signal: input.signal ?? null };
  const { body, sendStream } = input;
  if (sendStream !== undefined && !connection.ownFetch && typeof body === "function")
    return sendStream(address, { ...request, body: body() });
  return connection.fetch(address, { ...request, ...bodyOf(route, input) });
}

/** What fetch throws when no response came; an error of our own, such as one of the body's source, is not one. */
function isNetworkError(error: unknown): boolean {
  return error instanceof TypeError && (codeOf(error) !== null || error.message === "fetch failed" || !("process" in globalThis));
}

/** 503 with `compute_unreachable` is an answer about a compute, not about the server. */
async function isAway(response: Response): Promise<boolean> {
  if (response.status === 429 || response.status === 502 || response.status === 504) return true;
  if (response.status !== 503) return false;
  const body = await response
    .clone()
    .text()
    .catch(() => "");
  return !body.includes('"compute_unreachable"');
}

function retryAfterMs(response: Response): number {
  const seconds = Number(response.headers.get("retry-after") ?? 0);
  return Number.isFinite(seconds) ? seconds * 1000 : 0;
}

/** POSTs that change nothing, or come to the same however often they arrive. Others carry a key that makes them so. */
const HARMLESS_POSTS = ["/blobs/missing", "/blobs", "/workspaces/{workspace}/snapshots", "/workspaces/{workspace}/runs/{runId}/cancel"];

function isRepeatable({ method, path, takesKey }: Route): boolean {
  return method === "GET" || method === "PUT" || method === "DELETE" || takesKey === true || HARMLESS_POSTS.includes(path);
}

function headersOf({ token }: Connection, route: Route, input: RequestInput): Headers {
  const headers = new Headers(input.headers);
  if (token !== null) headers.set("authorization", `Bearer ${token}`);
  if (route.takesKey) headers.set("idempotency-key", input.idempotencyKey ?? randomKey());
  if (route.answer === "json") headers.set("accept", "application/json");
  if (route.answer === "events") headers.set("accept", "text/event-stream");
  if (input.lastEventId !== undefined) headers.set("last-event-id", input.lastEventId);
  if (input.body !== undefined && !headers.has("content-type")) {
    headers.set("content-type", route.sendsBytes ? "application/octet-stream" : "application/json");
  }
  return headers;
}

/** Not randomUUID: browsers have that only on pages that came over TLS. */
function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function bodyOf(route: Route, { body }: RequestInput): RequestInit {
  if (body === undefined) return {};
  if (!route.sendsBytes) return { body: JSON.stringify(body) };
  const bytes = body as BytesBody;
  if (typeof bytes !== "function") return { body: bytes };
  return { body: streamOf(bytes()), duplex: "half" };
}

/** Asks for pieces before those before them have left, which therefore are copied. */
function streamOf(bytes: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const pieces = bytes[Symbol.asyncIterator]();
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(Uint8Array.from(value));
      },
      async cancel() {
        await pieces.return?.();
      },
    },
    { highWaterMark: 1 },
  );
}

/** Reads a JSON answer. */
export function parseAnswer(connection: Connection, { text }: Answer): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ServerUnreachable(
      `${connection.url} does not answer as a Switchyard server does: its answer is not JSON. Is the URL right?`,
      { cause },
    );
  }
}
