import { applyFileSteps } from "@switchyard/engine";
import { type DatasetDefinition, NotFound, type RegisteredDataset, type SavedDataset } from "@switchyard/protocol";
import { nearest } from "../config/nearest.ts";
import type { SourceFile } from "../data/sourceFiles.ts";
import type { Handlers } from "../http/handler.ts";
import type { Parts } from "../parts.ts";

type Names =
  | "saveDataset"
  | "getDataset"
  | "listDatasetFiles"
  | "registerDataset"
  | "listDatasets"
  | "getRegisteredDataset"
  | "listDatasetVersions"
  | "updateDataset"
  | "unregisterDataset"
  | "readBlob";

const MOST_NAMES = 1000;
const numberOf = (version: string): number | undefined => (version === "latest" ? undefined : Number(version));

/** Datasets: saved by id, registered by name. */
export function datasetHandlers({ store, artifacts, data }: Parts): Pick<Handlers, Names> {
  const { datastores, keeper, fetcher } = data;

  const saved = async (workspace: string, id: string): Promise<SavedDataset> => {
    const dataset = await store.datasets.get(workspace, id);
    if (dataset === undefined) throw new NotFound(`There is no dataset with the id "${id}" in workspace "${workspace}".`);
    return dataset;
  };
  const noDataset = async (workspace: string, name: string, version?: string): Promise<NotFound> => {
    const known = (await store.datasets.list(workspace, { limit: MOST_NAMES, archived: true })).items;
    const same = known.find((dataset) => dataset.name === name);
    if (same !== undefined) return new NotFound(`The dataset "${name}" has no version ${version}; its newest is ${same.latestVersion}.`);
    const near = nearest(name, known.map((dataset) => dataset.name)); // biome-ignore format: short
    const guess = near === null ? "List them to see which there are." : `Did you mean "${near}"?`;
    return new NotFound(`There is no dataset "${name}" in workspace "${workspace}". ${guess}`, { details: { nearest: near } });
  };
  /** Every datastore that a definition names must be there, or it could never be read. */
  const requireSources = async (workspace: string, { sources }: DatasetDefinition): Promise<void> => {
    for (const source of sources) if ("datastore" in source) await datastores.record(workspace, source.datastore);
  };

  return {
    async saveDataset({ params, body }) {
      await requireSources(params.workspace, body.definition);
      return await store.datasets.save(params.workspace, body.definition);
    },
    async getDataset({ params: { workspace, datasetId } }) {
      return { ...(await saved(workspace, datasetId)), registration: (await store.datasets.registrationOf(workspace, datasetId)) ?? null };
    },
    async listDatasetFiles({ params: { workspace, datasetId }, query }) {
      const { definition } = await saved(workspace, datasetId);
      const files = applyFileSteps((await keeper.find(workspace, definition.sources)).files, definition);
      const shown = ({ path, source, file }: SourceFile) => {
        const { size, sha256, modified } = file;
        return { path, source, size, sha256, modifiedUtc: modified?.toISOString() ?? null };
      };
      if (!query.fetch) return files.map(shown);
      return (await fetcher.fetch(files)).map(({ size, sha256, ...file }) => ({ ...shown(file), size, sha256 }));
    },
    async registerDataset({ params, body: { name, definition, ...registration } }) {
      await requireSources(params.workspace, definition);
      return await store.datasets.register(params.workspace, name, definition, registration);
    },
    async listDatasets({ params, query }) {
      return await store.datasets.list(params.workspace, query);
    },
    async getRegisteredDataset({ params: { workspace, name }, query: { version } }): Promise<RegisteredDataset> {
      const dataset = await store.datasets.named(workspace, name, numberOf(version));
      if (dataset === undefined) throw await noDataset(workspace, name, version);
      return dataset;
    },
    async listDatasetVersions({ params: { workspace, name } }) {
      const versions = await store.datasets.versions(workspace, name);
      if (versions.length === 0) throw await noDataset(workspace, name);
      return versions;
    },
    async updateDataset({ params: { workspace, name }, query: { version }, body }) {
      if (body.deprecatedBy) await saved(workspace, body.deprecatedBy);
      const dataset = await store.datasets.update(workspace, name, numberOf(version), body);
      if (dataset === undefined) throw await noDataset(workspace, name, version);
      return dataset;
    },
    async unregisterDataset({ params: { workspace, name } }) {
      if (!(await store.datasets.unregister(workspace, name))) throw await noDataset(workspace, name);
    },
    async readBlob({ params: { sha256 } }) {
      const size = await artifacts.blobs.size(sha256);
      if (size === null) throw new NotFound(`Blob ${sha256} is not stored.`);
      return { size, sha256, contentType: "application/octet-stream", read: (range) => artifacts.blobs.read(sha256, range) };
    },
  };
}
