// Requests to web services: the server passes them on to the process that answers for the service.
import { timingSafeEqual } from "node:crypto";
import { Agent, request as askHttp, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  API_PREFIX,
  Conflict,
  DEFAULT_WORKSPACE,
  MOST_PAYLOAD_BYTES,
  NotFound,
  SERVING,
  ServiceUnavailable,
  TooLarge,
  Unauthenticated,
} from "@switchyard/protocol";
import type { ServiceRecord } from "@switchyard/store";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Parts } from "../parts.ts";

/** Headers that belong to one connection, or that are made anew for the next one. */
const OF_ONE_CONNECTION = new Set([
  ...["connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "host", "expect", "content-length"],
  ...["proxy-authorization", "proxy-authenticate", SERVING.secretHeader],
]);

/** Kept open for a while: the process closes quiet ones much later. */
const CONNECTIONS = new Agent({ keepAlive: true, timeout: 60_000, scheduling: "lifo" });

/** The routes under which services answer: v1's, and one that names the workspace. */
export function registerScoring(app: FastifyInstance, parts: Pick<Parts, "store" | "engine" | "server">): void {
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
    for (const prefix of [`${API_PREFIX}/service/:name`, `${API_PREFIX}/workspaces/:workspace/service/:name`]) {
      const answer = (path: string) => async (request: FastifyRequest, reply: FastifyReply) => {
        const { workspace, name = "" } = request.params as { workspace?: string; name?: string };
        const service = workspace === undefined ? await serviceNamed(parts, name) : await parts.store.services.require(workspace, name);
        return await passOn(parts, service, path, request, reply);
      };
      scope.route({ method: ["GET", "POST"], url: `${prefix}/score`, config: { operation: "score" }, handler: answer("/score") });
      scope.route({ method: "GET", url: `${prefix}/swagger.json`, config: { operation: "swagger" }, handler: answer("/swagger.json") });
      for (const url of [prefix, `${prefix}/`])
        scope.route({ method: "GET", url, config: { operation: "liveness" }, handler: answer("/") });
    }
  });
}

/** The service of the workspace that is always there, else the only one of this name. */
async function serviceNamed({ store }: Pick<Parts, "store">, name: string): Promise<ServiceRecord> {
  const found = await store.services.named(name);
  const [own = found.length === 1 ? found[0] : undefined] = found.filter(({ workspace }) => workspace === DEFAULT_WORKSPACE);
  if (own !== undefined) return own;
  if (found.length === 0) throw new NotFound(`There is no web service "${name}" here.`, { details: { name } });
  const ways = found.map(({ workspace }) => `${API_PREFIX}/workspaces/${encodeURIComponent(workspace)}/service/${name}/score`);
  throw new Conflict(`Several workspaces have a web service "${name}". Say which one is meant: ${ways.join(", ")}.`);
}

async function passOn(
  parts: Pick<Parts, "engine" | "server">,
  service: ServiceRecord,
  path: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { authEnabled } = service.definition.deployment;
  if (authEnabled && path !== "/") requireKey(parts, service, request.headers.authorization);
  refuseTooLarge(request.headers["content-length"]);
  requireHere(service, parts.server.instance);
  const port = portOf(service);
  const query = request.url.includes("?") ? request.url.slice(request.url.indexOf("?")) : "";
  const headers = onward(request.headers, authEnabled);
  if (service.definition.deployment.computeType !== "local") headers[SERVING.secretHeader] = parts.engine.services.passSecret(service);
  const body = request.method === "POST" ? ((request.body as Readable | undefined) ?? request.raw) : null;
  const answered = await ask(service, { port, path: path + query, method: request.method, headers, body, signal: goneSignal(reply) });
  const status = answered.statusCode === 500 ? 502 : (answered.statusCode ?? 502); // spec 11, section 2
  return reply.code(status).headers(onward(answered.headers, false)).send(answered);
}

function requireKey({ engine }: Pick<Parts, "engine">, service: ServiceRecord, header: string | undefined): void {
  const given = /^Bearer\s+(\S+)$/i.exec(header ?? "")?.[1];
  if (given === undefined) {
    throw new Unauthenticated(
      `Web service "${service.name}" asks for a key: send "Authorization: Bearer <key>". Its keys: service.get_keys(), or \`switchyard service get-keys -n ${service.name}\`.`,
    );
  }
  const { primaryKey, secondaryKey } = engine.services.keys(service);
  if (isSame(given, primaryKey) || isSame(given, secondaryKey)) return;
  throw new Unauthenticated(`The key is none of the two of web service "${service.name}". It may have been replaced: ask for them again.`);
}

function isSame(given: string, key: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(key)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function refuseTooLarge(length: string | undefined): void {
  if (Number(length ?? 0) > MOST_PAYLOAD_BYTES) throw tooLarge();
}

const tooLarge = (): TooLarge => new TooLarge("A request to a web service may have 100 MB. Send the data in several requests.");

/** Its process listens on the loopback of another machine. */
function requireHere({ name, instance }: ServiceRecord, own: string): void {
  if (instance === own) return;
  throw new ServiceUnavailable(
    `Web service "${name}" runs on the machine of another server (${instance}), and only that one passes requests on to it. Send them there.`,
  );
}

function portOf({ name, state, error, port }: ServiceRecord): number {
  if (port !== null && (state === "Healthy" || state === "Unhealthy")) return port;
  const why = error === null ? "" : ` ${error.message}`;
  const advice = state === "Failed" ? "Update or delete it; its log has more." : "It is being started: try again when it is Healthy.";
  throw new ServiceUnavailable(`Web service "${name}" is ${state} and takes no requests.${why} ${advice}`, { details: { state } });
}

/** Headers for the next connection. A key is for the server alone. */
function onward(headers: IncomingHttpHeaders, hidesKey: boolean): Record<string, string | string[]> {
  const kept = Object.entries(headers).filter(
    ([name, value]) => value !== undefined && !OF_ONE_CONNECTION.has(name) && !(hidesKey && name === "authorization"),
  );
  return Object.fromEntries(kept) as Record<string, string | string[]>;
}

interface Question {
  readonly port: number;
  readonly path: string;
  readonly method: string;
  readonly headers: Record<string, string | string[]>;
  readonly body: Readable | null;
  readonly signal: AbortSignal;
}

/** Aborted when the client closes the connection before it has its answer. */
function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once("close", () => gone.abort());
  return gone.signal;
}

/** Lets no more through than a request may have. */
function counted(): Transform {
  let size = 0;
  return new Transform({
    transform(piece: Buffer, _encoding, done) {
      size += piece.length;
      done(size > MOST_PAYLOAD_BYTES ? tooLarge() : null, piece);
    },
  });
}

/** Asks the process; throws ServiceUnavailable when it does not answer. */
async function ask(service: ServiceRecord, { body, ...options }: Question): Promise<IncomingMessage> {
  const asked = askHttp({ host: "127.0.0.1", agent: CONNECTIONS, ...options });
  const answer = new Promise<IncomingMessage>((resolve, reject) => asked.once("response", resolve).once("error", reject));
  answer.catch(() => {}); // the sending may fail first
  try {
    if (body === null) asked.end();
    // a length that was announced is kept, and was looked at
    else await Promise.race(["content-length" in options.headers ? pipeline(body, asked) : pipeline(body, counted(), asked), answer]);
    return await answer;
  } catch (error) {
    asked.destroy();
    if (error instanceof TooLarge) throw error;
    throw new ServiceUnavailable(
      `Web service "${service.name}" did not answer (${(error as Error).message}). Its process may just have died; it is started again.`,
      { cause: error },
    );
  }
}
