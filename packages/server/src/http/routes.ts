import type { Readable } from "node:stream";
import { API_PREFIX, BadRequest, type Operation, operations } from "@switchyard/protocol";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Logger } from "pino";
import { z } from "zod";
import { type AccessFacts, authenticate, authorize, type Caller } from "./access.ts";
import { decoded } from "./contentEncoding.ts";
import { type AnyHandler, type BytesAnswer, type EventsAnswer, type Handlers, type IdempotencyKey, requestBytes } from "./handler.ts";
import { idempotencyOf } from "./idempotency.ts";
import { sendBytes } from "./sendBytes.ts";
import { sendEvents } from "./sendEvents.ts";
import { validate } from "./validate.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** who asks, once the route has settled it */
    caller: Caller | null;
  }
  interface FastifyContextConfig {
    /** the operation that a route belongs to, for logs and metrics */
    operation?: string;
  }
}

const NO_FIELDS = z.object({});

/** What the routes need besides their handlers. */
export interface RouteSurroundings {
  readonly access: AccessFacts;
  readonly log: Logger;
  readonly heartbeatSeconds: number;
  /** aborted when the server stops: ends the streams */
  readonly stopping: AbortSignal;
  /** answers a repeated request with the first result; `act` runs only for a new key */
  once(key: IdempotencyKey, act: () => Promise<unknown>): Promise<unknown>;
}

/** Operations that keep their idempotency key in the transaction that creates the thing. */
const KEEPS_ITS_KEY: ReadonlySet<string> = new Set(["submitRun", "startInteractiveRun", "rerunRun", "submitSweep", "deployService"]);

/** Makes a route of every operation in the table. JSON and raw bodies live in two scopes, so that a content type decides nothing. */
export function registerRoutes(app: FastifyInstance, handlers: Handlers, surroundings: RouteSurroundings): void {
  const all = Object.entries<Operation>(operations);
  app.register(async (scope) => {
    takeJson(scope);
    for (const [name, operation] of all) if (operation.body !== "bytes") addRoute(scope, name, operation, handlers, surroundings);
  });
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
    for (const [name, operation] of all) if (operation.body === "bytes") addRoute(scope, name, operation, handlers, surroundings);
  });
}

/** JSON whatever the content type says; no body is no fields. */
function takeJson(scope: FastifyInstance): void {
  const parse = scope.getDefaultJsonParser("error", "error");
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser("*", { parseAs: "string" }, (request, text, done) => {
    if (text === "") done(null, undefined);
    else parse(request, text as string, done);
  });
}

function addRoute(app: FastifyInstance, name: string, operation: Operation, handlers: Handlers, surroundings: RouteSurroundings): void {
  const handler = handlers[name as keyof Handlers] as unknown as AnyHandler;
  app.route({
    method: operation.response === "bytes" ? [operation.method, "HEAD"] : operation.method,
    url: API_PREFIX + operation.path.replace(/\{(\w+)\*\}/, "*").replace(/\{(\w+)\}/g, ":$1"),
    config: { operation: name },
    // who asks is settled before a body is read
    onRequest: async (request) => {
      const params = paramsOf(operation, request);
      const caller = await authenticate(request.headers.authorization, surroundings.access);
      await authorize(caller, name, operation, params, surroundings.access);
      request.caller = caller;
    },
    handler: (request, reply) => answer({ name, operation, handler, request, reply, surroundings }),
  });
}

interface Exchange {
  readonly name: string;
  readonly operation: Operation;
  readonly handler: AnyHandler;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly surroundings: RouteSurroundings;
}

async function answer({ name, operation, handler, request, reply, surroundings }: Exchange): Promise<FastifyReply | undefined> {
  const params = paramsOf(operation, request);
  const query = operation.query === undefined ? noQuery(request) : (validate("query", operation.query, request.query) as object);
  const body = bodyOf(operation, request);
  const caller = request.caller as Caller;
  const signal = AbortSignal.any([surroundings.stopping, goneSignal(reply)]);
  const key = operation.idempotent ? idempotencyOf(request.headers["idempotency-key"], caller, name, { params, body }) : undefined;
  if (key === undefined) refuseKey(name, operation, request);
  const lastEventId = headerText(request.headers["last-event-id"]);
  const call = { params, query: query as Record<string, unknown>, body, caller, signal, lastEventId, ...(key && { idempotency: key }) };
  const act = () => handler(call);
  const result = await (key !== undefined && !KEEPS_ITS_KEY.has(name) ? surroundings.once(key, act) : act());
  return send(operation, request, reply, result, signal, surroundings);
}

/** Whoever sends a key counts on it: that a repeat makes nothing twice. A token cannot be answered twice, since only its hash is kept. */
function refuseKey(name: string, { method, idempotent }: Operation, { headers }: FastifyRequest): void {
  if (method !== "POST" || idempotent || headers["idempotency-key"] === undefined) return;
  throw new BadRequest(`${name} takes no Idempotency-Key: a repeat would be done again. Send it without.`, {
    details: { field: "Idempotency-Key" },
  });
}

async function send(
  { response }: Operation,
  request: FastifyRequest,
  reply: FastifyReply,
  result: unknown,
  signal: AbortSignal,
  { heartbeatSeconds, access, log }: RouteSurroundings,
): Promise<FastifyReply | undefined> {
  switch (response) {
    case "none":
      return reply.code(204).send();
    case "bytes":
      return sendBytes(request, reply, result as BytesAnswer);
    case "events": {
      const stillAllowed = async () => (await authenticate(request.headers.authorization, access).catch(() => null)) !== null;
      const failed = (err: unknown) => log.error({ err, operation: request.routeOptions.config.operation }, "a stream failed");
      await sendEvents(reply, result as EventsAnswer, { signal, heartbeatSeconds, stillAllowed, failed });
      return undefined;
    }
    default:
      return reply.type("application/json; charset=utf-8").send(JSON.stringify(result));
  }
}

function paramsOf(operation: Operation, request: FastifyRequest): Record<string, unknown> {
  const rest = /\{(\w+)\*\}/.exec(operation.path)?.[1];
  const { "*": wild, ...named } = request.params as Record<string, string>;
  const raw = rest === undefined ? named : { ...named, [rest]: wild };
  return operation.params === undefined ? {} : (validate("params", operation.params, raw) as Record<string, unknown>);
}

function noQuery(request: FastifyRequest): object {
  return validate("query", NO_FIELDS, request.query) as object;
}

function bodyOf({ body }: Operation, request: FastifyRequest): unknown {
  if (body === undefined) return undefined;
  if (body === "bytes") {
    return requestBytes(decoded((request.body as Readable | undefined) ?? request.raw, request.headers["content-encoding"]));
  }
  return validate("body", body, request.body ?? {});
}

/** Aborted when the client closes the connection before it has its answer. */
function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once("close", () => gone.abort());
  return gone.signal;
}

function headerText(value: string | string[] | undefined): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
