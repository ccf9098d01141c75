import type { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Caller } from "../http/access.ts";
import { decoded } from "../http/contentEncoding.ts";
import { requestBytes } from "../http/handler.ts";
import { sendBytes } from "../http/sendBytes.ts";
import type { Parts } from "../parts.ts";
import {
  listPlace,
  placeOfModel,
  placeOfPath,
  placeOfRun,
  placeOfVersion,
  readPlace,
  removeFromPlace,
  writePlace,
} from "./artifactPlaces.ts";
import { checkArtifactPath } from "./checks.ts";
import { invalid, MlflowError } from "./errors.ts";
import { admit, type MlflowSurroundings, speakMlflow, workspaceOf } from "./scope.ts";

interface Asked {
  readonly parts: Parts;
  readonly workspace: string;
  readonly caller: Caller;
  readonly query: Readonly<Record<string, string | undefined>>;
  /** what the path of the request ends with */
  readonly path: string;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

interface RawRoute {
  readonly name: string;
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  readonly url: string;
  act(asked: Asked): Promise<unknown>;
}

/** Largest artifact that a page of MLflow's sends in one request. */
const PAGE_UPLOAD_BYTES = 10 * 1024 * 1024;

const ROUTES: readonly RawRoute[] = [
  ...["/api/2.0", "/ajax-api/2.0"].flatMap((api): RawRoute[] => [
    {
      name: "downloadArtifact",
      method: "GET",
      url: `${api}/mlflow-artifacts/artifacts/*`,
      async act(asked) {
        const { place, rest } = await placeOfPath(asked, checkArtifactPath(asked.path));
        return sendBytes(asked.request, asked.reply, await readPlace(asked, place, rest));
      },
    },
    {
      name: "uploadArtifact",
      method: "PUT",
      url: `${api}/mlflow-artifacts/artifacts/*`,
      async act(asked) {
        const { place, rest } = await placeOfPath(asked, checkArtifactPath(asked.path));
        await writePlace(asked, place, rest, bodyOf(asked.request));
        return {};
      },
    },
    {
      name: "deleteArtifact",
      method: "DELETE",
      url: `${api}/mlflow-artifacts/artifacts/*`,
      async act(asked) {
        const { place, rest } = await placeOfPath(asked, checkArtifactPath(asked.path));
        await removeFromPlace(asked, place, rest);
        return {};
      },
    },
    {
      name: "listProxiedArtifacts",
      method: "GET",
      url: `${api}/mlflow-artifacts/artifacts`,
      async act(asked) {
        const { place, rest } = await placeOfPath(asked, checkArtifactPath(asked.query.path ?? ""));
        const files = await listPlace(asked, place, rest);
        return { files: files.map((file) => ({ ...file, path: file.path.slice(file.path.lastIndexOf("/") + 1) })) };
      },
    },
    {
      name: "getLoggedModelArtifact",
      method: "GET",
      url: `${api}/mlflow/logged-models/:model_id/artifacts/files`,
      async act(asked) {
        const path = checkArtifactPath(asked.query.artifact_file_path ?? "");
        const { model_id } = asked.request.params as { model_id: string };
        const model = await asked.parts.store.loggedModels.get(asked.workspace, model_id);
        return sendBytes(asked.request, asked.reply, await readPlace(asked, await placeOfModel(asked, model), path));
      },
    },
  ]),
  {
    name: "getArtifact",
    method: "GET",
    url: "/get-artifact",
    async act(asked) {
      const path = checkArtifactPath(asked.query.path ?? "");
      const place = await placeOfRun(asked, asked.query.run_id ?? asked.query.run_uuid ?? "");
      return sendBytes(asked.request, asked.reply, await readPlace(asked, place, path));
    },
  },
  // some clients join the path to their tracking URI with a slash of their own
  ...["/model-versions/get-artifact", "//model-versions/get-artifact"].map(
    (url): RawRoute => ({
      name: "getModelVersionArtifact",
      method: "GET",
      url,
      async act(asked) {
        const path = checkArtifactPath(asked.query.path ?? "");
        const version = Number(asked.query.version);
        if (!asked.query.name || !Number.isSafeInteger(version)) throw invalid("Request must specify name and version of a model.");
        const place = await placeOfVersion(asked, { name: asked.query.name, version });
        return sendBytes(asked.request, asked.reply, await readPlace(asked, place, path));
      },
    }),
  ),
  {
    name: "uploadArtifactOfPage",
    method: "POST",
    url: "/ajax-api/2.0/mlflow/upload-artifact",
    async act(asked) {
      const { run_uuid, path } = asked.query;
      if (!run_uuid) throw invalid("Request must specify run_uuid.");
      if (!path) throw invalid("Request must specify path.");
      const name = checkArtifactPath(path);
      const data = await allOf(bodyOf(asked.request), PAGE_UPLOAD_BYTES);
      if (data.length === 0) throw invalid("Request must specify data.");
      await writePlace(asked, await placeOfRun(asked, run_uuid), name, once(data));
      return {};
    },
  },
];

/** The routes whose bodies or answers are files, below a tracking URI. */
export function registerArtifactRoutes(app: FastifyInstance, uri: string, { parts, log }: MlflowSurroundings): void {
  app.register(
    async (scope) => {
      speakMlflow(scope, log);
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
      for (const { name, method, url, act } of ROUTES) {
        scope.route({
          method: method === "GET" ? ["GET", "HEAD"] : method,
          url,
          config: { operation: `mlflow.${name}` },
          onRequest: async (request) => void (await admit(request, { name, access: "run" }, parts)),
          handler: async (request, reply) => {
            const query = request.query as Asked["query"];
            const path = (request.params as { "*"?: string })["*"] ?? "";
            return await act({ parts, workspace: workspaceOf(request), caller: request.caller as Caller, query, path, request, reply });
          },
        });
      }
      for (const method of ["POST", "GET"] as const) {
        for (const url of ["/api/2.0/mlflow-artifacts/mpu/*", "/api/2.0/mlflow-artifacts/presigned/*"]) {
          scope.route({
            method,
            url,
            handler: async () => {
              throw new MlflowError(
                "NOT_IMPLEMENTED",
                "Artifacts go through this server in one request each; there is no upload in parts and no address beside it.",
              );
            },
          });
        }
      }
    },
    { prefix: uri },
  );
}

function bodyOf(request: FastifyRequest): AsyncIterable<Uint8Array> {
  return requestBytes(decoded((request.body as Readable | undefined) ?? request.raw, request.headers["content-encoding"]));
}

async function allOf(content: AsyncIterable<Uint8Array>, most: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of content) {
    size += piece.length;
    if (size > most) throw invalid(`Artifact size is too large. Max size is ${most / 1024 / 1024}MB.`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

async function* once(data: Uint8Array): AsyncGenerator<Uint8Array> {
  yield data;
}
