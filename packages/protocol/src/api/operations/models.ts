import { z } from "zod";
import { model, modelFacts, modelFile } from "../../model/model.ts";
import { modelName, modelPath, modelVersion } from "../../model/names.ts";
import { runId } from "../../run/names.ts";
import { sha256 } from "../../snapshot/tree.ts";
import { defineOperations } from "../operation.ts";
import { pageOf, pageQuery } from "../page.ts";
import { inWorkspace } from "./params.ts";

/** What a version is made from: files that were sent as blobs, or files that a run has. */
export const modelRegistration = modelFacts.partial().extend({
  name: modelName,
  files: z
    .object({
      /** the file or folder that is registered, by its own name */
      path: modelPath,
      content: z
        .array(z.object({ path: modelPath, sha256 }))
        .min(1)
        .max(100_000),
    })
    .optional(),
  fromRun: z.object({ runId, path: modelPath }).optional().describe("a file or folder of a run: nothing is copied"),
  /** of files that were sent: the run they come from, and where they lie in it */
  runId: runId.optional(),
  runPath: modelPath.optional(),
});
export type ModelRegistration = z.infer<typeof modelRegistration>;

export const modelsQuery = pageQuery.extend({
  name: z.string().optional(),
  tag: z.array(z.string()).or(z.string()).optional().describe("key or key=value, repeatable"),
  property: z.array(z.string()).or(z.string()).optional().describe("key or key=value, repeatable"),
  runId: z.string().optional(),
  framework: z.string().optional(),
  latest: z.stringbool().default(false).describe("of each model only the newest version"),
});
export type ModelsQuery = z.infer<typeof modelsQuery>;

const modelChanges = modelFacts
  .pick({ description: true, tags: true, properties: true, resourceConfiguration: true, sampleInputDatasetId: true })
  .extend({
    removeTags: z.array(z.string()),
    sampleOutputDatasetId: modelFacts.shape.sampleOutputDatasetId,
    framework: modelFacts.shape.framework,
    frameworkVersion: modelFacts.shape.frameworkVersion,
    datasets: modelFacts.shape.datasets.describe("added to those that are there"),
  })
  .partial();
export type ModelChanges = z.infer<typeof modelChanges>;

const ofName = inWorkspace.extend({ name: modelName });
const ofVersion = ofName.extend({ version: modelVersion });

/** Models: names with versions, each a file or folder. */
export const modelsOperations = defineOperations({
  registerModel: {
    method: "POST",
    path: "/workspaces/{workspace}/models",
    tag: "models",
    access: "user or own run",
    idempotent: true,
    summary: "Register a model, or the next version of one",
    params: inWorkspace,
    body: modelRegistration,
    response: model,
  },
  listModels: {
    method: "GET",
    path: "/workspaces/{workspace}/models",
    tag: "models",
    access: "user or own run",
    summary: "Versions of models, newest first",
    params: inWorkspace,
    query: modelsQuery,
    response: pageOf(model),
  },
  getLatestModel: {
    method: "GET",
    path: "/workspaces/{workspace}/models/{name}",
    tag: "models",
    access: "user or own run",
    summary: "The newest version of a model",
    params: ofName,
    response: model,
  },
  getModel: {
    method: "GET",
    path: "/workspaces/{workspace}/models/{name}/versions/{version}",
    tag: "models",
    access: "user or own run",
    summary: "One version of a model",
    params: ofVersion,
    response: model,
  },
  updateModel: {
    method: "PATCH",
    path: "/workspaces/{workspace}/models/{name}/versions/{version}",
    tag: "models",
    access: "user or own run",
    summary: "Change tags, description and what it asks for; add properties, which stay for good",
    params: ofVersion,
    body: modelChanges,
    response: model,
  },
  deleteModel: {
    method: "DELETE",
    path: "/workspaces/{workspace}/models/{name}/versions/{version}",
    tag: "models",
    access: "user",
    summary: "Delete one version; its number is not given again",
    params: ofVersion,
    response: "none",
  },
  listModelFiles: {
    method: "GET",
    path: "/workspaces/{workspace}/models/{name}/versions/{version}/files",
    tag: "models",
    access: "user or own run",
    summary: "Files of one version by path",
    params: ofVersion,
    response: z.array(modelFile),
  },
  readModelFile: {
    method: "GET",
    path: "/workspaces/{workspace}/models/{name}/versions/{version}/files/{path*}",
    tag: "models",
    access: "user or own run",
    summary: "Bytes of one file; takes Range",
    params: ofVersion.extend({ path: z.string() }),
    response: "bytes",
  },
});
