import { DEFAULT_WORKSPACE, Forbidden } from "@switchyard/protocol";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Logger } from "pino";
import type { Caller } from "../http/access.ts";
import type { Parts } from "../parts.ts";
import { MlflowError, mlflowErrorOf } from "./errors.ts";
import type { MlflowOperation } from "./operation.ts";
import { mlflowOperations } from "./operations/index.ts";
import { inputReader } from "./requestInput.ts";
import { requireWorkspace, signIn } from "./signIn.ts";
import { MLFLOW_VERSION } from "./version.ts";

/** What the routes need besides their handlers. */
export interface MlflowSurroundings {
  readonly parts: Parts;
  readonly log: Logger;
}

/** Clients put `/api/2.0/mlflow/…` behind their tracking URI: the server's own address, or that of one workspace. MLflow's pages ask below ajax-api. */
const TRACKING_URIS = ["", "/mlflow/:workspace"] as const;
const API_ROOTS = ["/api/2.0/mlflow", "/ajax-api/2.0/mlflow"] as const;
/** Roots of MLflow's newer operations (traces, prompts, evaluation), which are refused in MLflow's own way. */
const NEWER_ROOTS = ["/api/3.0/mlflow", "/ajax-api/3.0/mlflow"] as const;

/** Everything that MLflow's clients ask, below every tracking URI. */
export function registerMlflow(app: FastifyInstance, surroundings: MlflowSurroundings): void {
  for (const uri of TRACKING_URIS) {
    registerHello(app, uri);
    for (const root of [...API_ROOTS, ...NEWER_ROOTS]) {
      app.register(
        async (scope) => {
          speakMlflow(scope, surroundings.log);
          takeText(scope);
          if ((API_ROOTS as readonly string[]).includes(root)) for (const each of mlflowOperations) addOperation(scope, each, surroundings);
          scope.all("/*", async ({ method, url }) => {
            throw new MlflowError("ENDPOINT_NOT_FOUND", `Switchyard has no ${method} ${url.split("?", 1)[0]}; see docs/mlflow.md.`);
          });
        },
        { prefix: uri + root },
      );
    }
  }
}

/** `mlflow doctor`, load balancers and clients ask these without a token. */
function registerHello(app: FastifyInstance, uri: string): void {
  app.get(`${uri}/health`, async (_request, reply) => reply.type("text/plain").send("OK"));
  app.get(`${uri}/version`, async (_request, reply) => reply.type("text/plain").send(MLFLOW_VERSION));
}

/** Errors of a scope in MLflow's form. */
export function speakMlflow(scope: FastifyInstance, log: Logger): void {
  scope.setErrorHandler((error, request, reply) => {
    const told = mlflowErrorOf(error);
    const facts = { err: error, method: request.method, path: request.url.split("?", 1)[0], code: told.code };
    if (told.status >= 500 && !(error instanceof MlflowError)) log.error(facts, "a request of an MLflow client failed");
    else log.debug(facts, "a request of an MLflow client was refused");
    if (reply.raw.headersSent) {
      reply.raw.destroy();
      return undefined;
    }
    if (told.status === 401) reply.header("www-authenticate", 'Basic realm="switchyard", charset="UTF-8"');
    return reply.code(told.status).type("application/json; charset=utf-8").send(JSON.stringify(told.body));
  });
}

/** Bodies as text whatever their content type says: `requestInput` reads them. */
function takeText(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) => done(null, body));
}

/** The workspace that the tracking URI of a request names. */
export function workspaceOf(request: FastifyRequest): string {
  return (request.params as { workspace?: string }).workspace ?? DEFAULT_WORKSPACE;
}

/** Settles who asks, before a body is read. */
export async function admit(
  request: FastifyRequest,
  { name, access }: Pick<MlflowOperation, "name" | "access">,
  { access: facts }: Parts,
): Promise<Caller> {
  const caller = await signIn(request.headers.authorization, facts);
  if (caller.scope === "run" && access === "user") throw new Forbidden(`A run's own token may not use ${name}. Use a user's token.`);
  await requireWorkspace(caller, workspaceOf(request), name, facts);
  request.caller = caller;
  return caller;
}

function addOperation(scope: FastifyInstance, operation: MlflowOperation, { parts }: MlflowSurroundings): void {
  const read = inputReader(operation.fields);
  scope.route({
    method: operation.method,
    url: `/${operation.path.replace(/\{(\w+)\}/g, ":$1")}`,
    config: { operation: `mlflow.${operation.name}` },
    onRequest: async (request) => void (await admit(request, operation, parts)),
    handler: async (request, reply) => {
      const call = {
        parts,
        workspace: workspaceOf(request),
        caller: request.caller as Caller,
        input: read(request),
        signal: goneSignal(reply),
      };
      const answer = await operation.act(call);
      return reply.type("application/json; charset=utf-8").send(JSON.stringify(answer));
    },
  });
}

/** Aborted when the client closes the connection before it has its answer. */
function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once("close", () => gone.abort());
  return gone.signal;
}
