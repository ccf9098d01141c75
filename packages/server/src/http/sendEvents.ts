import type { ServerResponse } from "node:http";
import type { FastifyReply } from "fastify";
import type { EventsAnswer, ServerEvent } from "./handler.ts";

/** How a stream is kept alive and ended. */
export interface StreamKeeping {
  readonly signal: AbortSignal;
  readonly heartbeatSeconds: number;
  /** told when the source fails; the client is cut off and comes back with its last event id */
  failed(error: unknown): void;
  /** asked at every heartbeat: false ends the stream (the token was revoked meanwhile) */
  stillAllowed(): Promise<boolean>;
}

/**
 * Writes server-sent events until the source ends or the client leaves. The next event is pulled only when the socket
 * has taken the one before, so that a slow client costs a cursor and not memory.
 */
export async function sendEvents(reply: FastifyReply, events: EventsAnswer, keeping: StreamKeeping): Promise<void> {
  reply.hijack();
  const response = reply.raw;
  response.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache, no-transform",
    "x-accel-buffering": "no",
  });
  response.write("retry: 1000\n\n");
  const beat = setInterval(() => void heartbeat(response, keeping), keeping.heartbeatSeconds * 1000);
  try {
    for await (const event of events) {
      if (keeping.signal.aborted || response.destroyed) break;
      if (!response.write(encodeEvent(event))) await drained(response, keeping.signal);
    }
    response.end();
  } catch (error) {
    if (!keeping.signal.aborted) keeping.failed(error);
    response.destroy();
  } finally {
    clearInterval(beat);
  }
}

async function heartbeat(response: ServerResponse, { stillAllowed }: StreamKeeping): Promise<void> {
  if (response.destroyed || response.writableNeedDrain) return; // it has not even taken what it was sent
  if (await stillAllowed().catch(() => true)) response.write(": heartbeat\n\n");
  else response.destroy();
}

/** The text of one event; JSON has no line breaks, so one data line always does. */
export function encodeEvent({ event, id, data }: ServerEvent): string {
  return `event: ${event}\n${id === undefined ? "" : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;
}

/** Waits until the socket takes more, the client left or the stream is to end; leaves no listener behind. */
function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  if (response.destroyed || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      response.off("drain", done).off("close", done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    response.on("drain", done).on("close", done);
    signal.addEventListener("abort", done);
  });
}
