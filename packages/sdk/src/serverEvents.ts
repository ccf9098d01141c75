import { RemoteError, ServerUnreachable } from "@switchyard/protocol/errors";
import { createParser } from "eventsource-parser";
import { unreachable } from "./answers.ts";
import { type Connection, send } from "./request.ts";
import { Backoff, WATCHING_AWAY_SECONDS } from "./retry.ts";
import type { Route } from "./routes.ts";

export interface ServerEvent {
  readonly event: string;
  /** the last id that came, this event's or an earlier one's */
  readonly id: string;
  readonly data: unknown;
}

export interface StreamInput {
  readonly params: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>> | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly lastEventId?: string | undefined;
}

/** The server sends a comment more often than this; silence means a connection that died unseen. */
const SILENCE_SECONDS = 60;
/** A connection that lived this long, or brought an event, was a good one: the next one is made at once. */
const PROVEN_MS = 5000;
/** Events are at most a few hundred kilobytes; a stream that never ends a line is not one of ours. */
const MAX_EVENT_CHARACTERS = 64 * 1024 * 1024;

/**
 * Reads server-sent events for ever: a connection that breaks or falls silent is made anew with Last-Event-ID. Ends when
 * `signal` is aborted; throws what the server refuses (RemoteError), and ServerUnreachable when it stays away.
 */
export async function* readServerEvents(connection: Connection, route: Route, input: StreamInput): AsyncGenerator<ServerEvent, void, void> {
  const patient = {
    ...connection,
    retry: { ...connection.retry, forSeconds: Math.max(connection.retry.forSeconds, WATCHING_AWAY_SECONDS) },
  };
  const at = { id: input.lastEventId ?? "", retryMs: 0 };
  let backoff = new Backoff(patient.retry);
  for (let current = connection; ; current = patient) {
    const stop = new AbortController();
    const signal = input.signal ? AbortSignal.any([input.signal, stop.signal]) : stop.signal;
    let broke: unknown = null;
    let connectedAt = Number.POSITIVE_INFINITY;
    try {
      const { response } = await send(current, route, { params: input.params, query: input.query, signal, ...lastEventId(at.id) });
      connectedAt = performance.now();
      for await (const event of parseEvents(connection, response, at, stop)) {
        connectedAt = 0;
        yield event;
      }
    } catch (error) {
      if (input.signal?.aborted) return;
      if (error instanceof RemoteError || error instanceof ServerUnreachable) throw error;
      broke = error;
    } finally {
      stop.abort();
    }
    if (input.signal?.aborted) return;
    if (performance.now() - connectedAt > PROVEN_MS) backoff = new Backoff(patient.retry);
    // an end without an error is how a server that stops says goodbye
    const again = await backoff.wait(input.signal, at.retryMs).catch(() => null);
    if (again === null) return;
    if (!again) throw unreachable(connection.url, broke ?? new Error("it keeps ending the stream"));
  }
}

const lastEventId = (id: string) => (id === "" ? {} : { lastEventId: id });

async function* parseEvents(
  connection: Connection,
  response: Response,
  at: { id: string; retryMs: number },
  stop: AbortController,
): AsyncGenerator<ServerEvent> {
  const ready: ServerEvent[] = [];
  const parser = createParser({
    maxBufferSize: MAX_EVENT_CHARACTERS,
    onEvent(message) {
      if (message.id !== undefined) at.id = message.id;
      ready.push({ event: message.event ?? "message", id: at.id, data: parseData(connection, message.data) });
    },
    onRetry(ms) {
      at.retryMs = Math.min(ms, 10_000);
    },
  });
  const decoder = new TextDecoder();
  for await (const bytes of chunksOf(response, stop)) {
    parser.feed(decoder.decode(bytes, { stream: true }));
    while (ready.length > 0) yield ready.shift() as ServerEvent;
  }
}

function parseData(connection: Connection, data: string): unknown {
  try {
    return JSON.parse(data);
  } catch (cause) {
    throw new ServerUnreachable(`${connection.url} sends events that are not a Switchyard server's. Is the URL right?`, { cause });
  }
}

/** The response's bytes; silence for too long aborts it. A reader, not `for await`, because not every browser has that. */
async function* chunksOf(response: Response, stop: AbortController): AsyncGenerator<Uint8Array> {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  try {
    for (;;) {
      const timer = setTimeout(() => stop.abort(new Error("the server fell silent")), SILENCE_SECONDS * 1000);
      const { done, value } = await reader.read().finally(() => clearTimeout(timer));
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
