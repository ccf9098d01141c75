import type { OperationName, Operations } from "@switchyard/protocol";
import type { z } from "zod";

type InputOf<S> = S extends z.ZodType ? z.input<S> : never;
type OutputOf<S> = S extends z.ZodType ? z.output<S> : never;
type PartOf<N extends OperationName, Part extends "params" | "query" | "body"> =
  Operations[N] extends Record<Part, infer S> ? S : undefined;

/**
 * A raw body. A function is called for every attempt, so that a request can be repeated; its stream is not held in memory, and a
 * piece of it need be good only until the next one is asked for.
 */
export type BytesBody = Uint8Array<ArrayBuffer> | Blob | (() => AsyncIterable<Uint8Array>);

/** What a query takes: the values as the server reads them (`true`, not `"true"`), optional where the schema has a default. */
type QueryInput<S> = { [K in keyof InputOf<S>]: (K extends keyof OutputOf<S> ? OutputOf<S>[K] : never) | Absent<InputOf<S>, K> };
type Absent<T, K extends keyof T> = undefined extends T[K] ? undefined : never;

type ParamsArgument<S> = S extends undefined ? unknown : { readonly params: InputOf<S> };
type QueryArgument<S> = S extends undefined
  ? unknown
  : Record<never, never> extends InputOf<S>
    ? { readonly query?: QueryInput<S> | undefined }
    : { readonly query: QueryInput<S> };
type BodyArgument<S> = S extends undefined ? unknown : { readonly body: S extends "bytes" ? BytesBody : InputOf<S> };

/** A request whose body is streamed. */
export interface StreamedRequest {
  readonly method: string;
  readonly headers: Headers;
  readonly signal: AbortSignal | null;
  readonly body: AsyncIterable<Uint8Array>;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** names this creation, so that repeating it meets the first result; made for each call when absent */
  readonly idempotencyKey?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** how long the server may be away before that is an error, where that is longer than the client waits anyway */
  readonly awaySeconds?: number | undefined;
  /** sends a streamed body in place of fetch, unless the client was given a fetch of its own */
  readonly sendStream?: ((address: string, request: StreamedRequest) => Promise<Response>) | undefined;
}

/** What a method of the client takes, from the operation's schemas. */
export type ArgumentsOf<N extends OperationName> = ParamsArgument<PartOf<N, "params">> &
  QueryArgument<PartOf<N, "query">> &
  BodyArgument<PartOf<N, "body">> &
  CallOptions;

/** What a method of the client answers: the parsed JSON, a `Response` for bytes, nothing for 204. */
export type ResponseOf<N extends OperationName> = Operations[N]["response"] extends z.ZodType
  ? z.output<Operations[N]["response"]>
  : Operations[N]["response"] extends "bytes"
    ? Response
    : undefined;

type StreamName = { [N in OperationName]: Operations[N]["response"] extends "events" ? N : never }[OperationName];

/** The operations that are asked and answered once; streams have methods of their own. */
export type CallName = Exclude<OperationName, StreamName>;

type Method<N extends OperationName> =
  Record<never, never> extends ArgumentsOf<N>
    ? (input?: ArgumentsOf<N>) => Promise<ResponseOf<N>>
    : (input: ArgumentsOf<N>) => Promise<ResponseOf<N>>;

/** One method per operation of the HTTP API, under the operation's name. */
export type OperationMethods = { readonly [N in CallName]: Method<N> };
