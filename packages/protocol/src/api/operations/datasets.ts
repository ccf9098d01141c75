import { z } from "zod";
import { DATASET_STATES, datasetDefinition, datasetFile, registeredDataset, savedDataset } from "../../data/dataset.ts";
import { datasetName } from "../../data/names.ts";
import { sha256 } from "../../snapshot/tree.ts";
import { defineOperations } from "../operation.ts";
import { pageOf, pageQuery } from "../page.ts";
import { inWorkspace } from "./params.ts";

const saved = inWorkspace.extend({ datasetId: z.string() });
const named = inWorkspace.extend({ name: z.string() });
const tags = z.record(z.string().max(100), z.string().max(1000).nullable());
/** a whole number, or `latest` */
const version = z.string().regex(/^([1-9]\d{0,8}|latest)$/, "a version is a whole number from 1 on, or latest");

/** Datasets: saved by id, registered by name. */
export const datasetsOperations = defineOperations({
  saveDataset: {
    method: "POST",
    path: "/workspaces/{workspace}/datasets",
    tag: "datasets",
    access: "user or own run",
    summary: "Give a definition an id; the same definition has the same id",
    params: inWorkspace,
    body: z.object({ definition: datasetDefinition }),
    response: savedDataset,
  },
  getDataset: {
    method: "GET",
    path: "/workspaces/{workspace}/datasets/{datasetId}",
    tag: "datasets",
    access: "user or own run",
    summary: "A dataset by its id, and the newest version that has it, if it is registered",
    params: saved,
    response: savedDataset.extend({ registration: registeredDataset.nullable() }),
  },
  listDatasetFiles: {
    method: "GET",
    path: "/workspaces/{workspace}/datasets/{datasetId}/files",
    tag: "datasets",
    access: "user or own run",
    summary: "The files of a dataset as they are now; with fetch, the server brings those that lie elsewhere",
    params: saved,
    query: z.object({ fetch: z.stringbool().default(false) }),
    response: z.array(datasetFile),
  },
  registerDataset: {
    method: "POST",
    path: "/workspaces/{workspace}/registered-datasets",
    tag: "datasets",
    access: "user or own run",
    summary: "Register a definition under a name, or as the next version of it",
    params: inWorkspace,
    body: z.object({
      name: datasetName,
      definition: datasetDefinition,
      description: z.string().max(5000).nullish(),
      tags: tags.nullish(),
      createNewVersion: z.boolean().default(false),
    }),
    response: registeredDataset,
  },
  listDatasets: {
    method: "GET",
    path: "/workspaces/{workspace}/registered-datasets",
    tag: "datasets",
    access: "user or own run",
    summary: "The newest version of each registered dataset, by name; archived ones only when asked for",
    params: inWorkspace,
    query: pageQuery.extend({ archived: z.stringbool().default(false) }),
    response: pageOf(registeredDataset),
  },
  getRegisteredDataset: {
    method: "GET",
    path: "/workspaces/{workspace}/registered-datasets/{name}",
    tag: "datasets",
    access: "user or own run",
    summary: "One version of a registered dataset; the newest unless it is named",
    params: named,
    query: z.object({ version: version.default("latest") }),
    response: registeredDataset,
  },
  listDatasetVersions: {
    method: "GET",
    path: "/workspaces/{workspace}/registered-datasets/{name}/versions",
    tag: "datasets",
    access: "user or own run",
    summary: "Every version of a registered dataset, newest first",
    params: named,
    response: z.array(registeredDataset),
  },
  updateDataset: {
    method: "PATCH",
    path: "/workspaces/{workspace}/registered-datasets/{name}",
    tag: "datasets",
    access: "user or own run",
    summary: "Change the state of a dataset, or tags and description of a version",
    params: named,
    query: z.object({ version: version.default("latest") }),
    body: z.object({
      state: z.enum(DATASET_STATES).optional(),
      deprecatedBy: z.string().nullish(),
      description: z.string().max(5000).nullish(),
      tags: tags.optional(),
      removeTags: z.array(z.string()).optional(),
    }),
    response: registeredDataset,
  },
  unregisterDataset: {
    method: "DELETE",
    path: "/workspaces/{workspace}/registered-datasets/{name}",
    tag: "datasets",
    access: "user",
    summary: "Forget the name with all its versions; files and runs stay as they are",
    params: named,
    response: "none",
  },
  readBlob: {
    method: "GET",
    path: "/blobs/{sha256}",
    tag: "datasets",
    access: "user or own run",
    summary: "Bytes of one blob; takes Range",
    params: z.object({ sha256 }),
    response: "bytes",
  },
});
