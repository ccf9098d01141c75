import type { Readable } from "node:stream";
import type { Operation, OperationName, Operations } from "@switchyard/protocol";
import type { z } from "zod";
import type { Caller } from "./access.ts";

/** What a handler is called with: everything validated, the caller's right to the operation already checked. */
export interface Call<O extends Operation> {
  readonly params: O["params"] extends z.ZodObject ? z.output<O["params"]> : Record<string, never>;
  readonly query: O["query"] extends z.ZodObject ? z.output<O["query"]> : Record<string, never>;
  readonly body: O["body"] extends "bytes" ? RequestBytes : O["body"] extends z.ZodType ? z.output<O["body"]> : undefined;
  readonly caller: Caller;
  /** aborted when the client goes away or the server stops */
  readonly signal: AbortSignal;
  /** present when the client sent an Idempotency-Key to an operation that takes one */
  readonly idempotency?: IdempotencyKey;
  /** the Last-Event-ID header of a stream's client that comes back */
  readonly lastEventId: string | null;
}

/** The raw body of a request: read once, never held in memory as a whole. */
export type RequestBytes = AsyncIterable<Uint8Array>;

/** `key` as it is stored (with who sent it), and the hash of the request it came with. */
export interface IdempotencyKey {
  readonly key: string;
  readonly requestHash: string;
}

/** A raw answer. `read` is called once, with the part that was asked for: from `start` up to, not including, `end`. */
export interface BytesAnswer {
  readonly size: number;
  readonly contentType: string;
  /** SHA-256 when it is known: becomes the ETag */
  readonly sha256: string | null;
  read(range: { readonly start: number; readonly end: number }): AsyncIterable<Uint8Array>;
}

/** One server-sent event; `data` travels as JSON. */
export interface ServerEvent {
  readonly event: string;
  readonly id?: string;
  readonly data: unknown;
}

/** Events in order. The next one is asked for only when the client has taken the one before. */
export type EventsAnswer = AsyncIterable<ServerEvent>;

export type Answer<O extends Operation> = O["response"] extends "bytes"
  ? BytesAnswer
  : O["response"] extends "events"
    ? EventsAnswer
    : O["response"] extends z.ZodType
      ? z.input<O["response"]> | DeepReadonly<z.input<O["response"]>>
      : // biome-ignore lint/suspicious/noConfusingVoidType: a handler of a 204 simply returns
        void;

type DeepReadonly<T> = T extends (infer U)[]
  ? readonly DeepReadonly<U>[]
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T;

export type Handler<O extends Operation> = (call: Call<O>) => Promise<Answer<O>>;

/** One handler per operation: a forgotten one does not compile. */
export type Handlers = { readonly [N in OperationName]: Handler<Operations[N]> };

/** A handler as the generic route layer sees it. */
export type AnyHandler = (call: {
  params: Record<string, unknown>;
  query: Record<string, unknown>;
  body: unknown;
  caller: Caller;
  signal: AbortSignal;
  idempotency?: IdempotencyKey;
  lastEventId: string | null;
}) => Promise<unknown>;

/** Gives the bytes of a request to a handler without closing the connection when it stops reading early. */
export function requestBytes(stream: Readable): RequestBytes {
  return { [Symbol.asyncIterator]: () => stream.iterator({ destroyOnReturn: false }) };
}
