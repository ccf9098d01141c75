import type { FastifyInstance, FastifyReply } from "fastify";
import type { Caller } from "../http/access.ts";
import { registerArtifactRoutes } from "./artifactRoutes.ts";
import { MlflowError } from "./errors.ts";
import { anything, text } from "./fields.ts";
import type { GraphqlQuery } from "./graphql/answer.ts";
import { type MlflowOperation, RawJson } from "./operation.ts";
import { mlflowOperations } from "./operations/index.ts";
import { inputReader } from "./requestInput.ts";
import { admit, type MlflowSurroundings, speakMlflow, workspaceOf } from "./scope.ts";
import { requireWorkspace } from "./signIn.ts";
import { MLFLOW_VERSION } from "./version.ts";

/** Clients put `/api/2.0/mlflow/…` behind their tracking URI: the server's own address, or that of one workspace. MLflow's pages ask below ajax-api. */
const TRACKING_URIS = ["", "/mlflow/:workspace"] as const;
const API_ROOTS = ["/api/2.0/mlflow", "/ajax-api/2.0/mlflow"] as const;
/** Roots of MLflow's newer operations (traces, prompts, evaluation), which are refused in MLflow's own way. */
const NEWER_ROOTS = ["/api/3.0/mlflow", "/ajax-api/3.0/mlflow"] as const;

/** What newer clients decide by how they ask. */
const SERVER_INFO = {
  store_type: "switchyard",
  workspaces_enabled: false,
  trace_archival_enabled: false,
  multipart_uploads_enabled: false,
  multipart_downloads_enabled: false,
} as const;

/** Everything that MLflow's clients ask, below every tracking URI. */
export function registerMlflow(app: FastifyInstance, surroundings: MlflowSurroundings): void {
  for (const uri of TRACKING_URIS) {
    registerHello(app, uri);
    registerArtifactRoutes(app, uri, surroundings);
    registerGraphql(app, uri, surroundings);
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
  app.get(`${uri}/api/3.0/mlflow/server-info`, async () => SERVER_INFO);
  app.get(`${uri}/version`, async (_request, reply) => reply.type("text/plain").send(MLFLOW_VERSION));
}

/** Bodies as text whatever their content type says: `requestInput` reads them. */
function takeText(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) => done(null, body));
}

/** MLflow's own pages ask for runs by GraphQL. */
function registerGraphql(app: FastifyInstance, uri: string, { parts, log }: MlflowSurroundings): void {
  app.register(async (scope) => {
    speakMlflow(scope, log);
    takeText(scope);
    const name = "graphql";
    for (const url of [`${uri}/graphql`, `${uri}/ajax-api/2.0/graphql`]) {
      scope.route({
        method: "POST",
        url,
        config: { operation: "mlflow.graphql" },
        onRequest: async (request) => void (await admit(request, { name, access: "user" }, parts)),
        handler: async (request, reply) => {
          const { answerGraphql } = await import("./graphql/answer.ts"); // rarely asked for
          const call = { parts, workspace: workspaceOf(request), caller: request.caller as Caller, signal: goneSignal(reply) };
          return await answerGraphql(readQuery(request) as GraphqlQuery, call);
        },
      });
    }
  });
}

const readQuery = inputReader({ query: text, variables: anything, operationName: text });

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
      const answer = await operation.act(call).catch(async (error: unknown) => {
        if (operation.finds === "by run") await requireWorkspace(call.caller, call.workspace, operation.name, parts.access);
        throw error;
      });
      return reply.type("application/json; charset=utf-8").send(answer instanceof RawJson ? answer.text : JSON.stringify(answer));
    },
  });
}

/** Aborted when the client closes the connection before it has its answer. */
function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once("close", () => gone.abort());
  return gone.signal;
}
