import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from "fastify";
import type { Logger } from "pino";
import { VERSION } from "../version.ts";
import { PROBLEM_TYPE, problemOf, problemWith } from "./problems.ts";

/** What the HTTP layer tells the outside about its own work. */
export interface RequestWatch {
  answered(operation: string, status: number, seconds: number): void;
}

/** A Fastify that speaks problem+json for everything that goes wrong, knows long paths and logs requests at debug level. */
export function createApp(log: Logger, watch: RequestWatch): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: 32 * 1024 * 1024, // of JSON; raw bodies are streams and have no limit
    exposeHeadRoutes: false,
    forceCloseConnections: "idle",
    return503OnClosing: false,
    requestTimeout: 0, // a big upload over a slow line may take its time
    http: { maxHeaderSize: 128 * 1024 }, // the position in many log files is a long Last-Event-ID
    routerOptions: { maxParamLength: 8192 }, // paths of run files have up to 5,000 characters
  });
  app.decorateRequest("caller", null);
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply, log));
  app.setNotFoundHandler((request, reply) => {
    const body = problemWith("not_found", `There is no ${request.method} ${pathOf(request)} here; see /openapi.json.`);
    return reply.code(body.status).type(PROBLEM_TYPE).send(JSON.stringify(body));
  });
  // clients of another version tell their people when they are refused
  app.addHook("onRequest", async (_request, reply) => void reply.header("switchyard-version", VERSION));
  app.addHook("onResponse", async (request, reply) => {
    const operation = request.routeOptions.config?.operation ?? "other";
    watch.answered(operation, reply.statusCode, reply.elapsedTime / 1000);
    log.debug({ method: request.method, path: pathOf(request), status: reply.statusCode, ms: Math.round(reply.elapsedTime) }, "request");
  });
  return app;
}

function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply, log: Logger): FastifyReply | undefined {
  const body = problemOf(error);
  const facts = { err: error, method: request.method, path: pathOf(request), code: body.code };
  if (body.status >= 500) log.error(facts, "a request failed");
  else log.debug(facts, "a request was refused");
  if (reply.raw.headersSent) {
    reply.raw.destroy(); // the answer had begun: a cut connection is the only honest way to say that it is not whole
    return undefined;
  }
  reply.removeHeader("content-length").removeHeader("etag");
  if (body.code === "unauthenticated") reply.header("www-authenticate", "Bearer");
  return reply.code(body.status).type(PROBLEM_TYPE).send(JSON.stringify(body));
}

/** Without the query, which may hold what a person searched for. */
function pathOf(request: FastifyRequest): string {
  return request.url.split("?", 1)[0] ?? "";
}
