import { posix } from "node:path";
import type { ArtifactStorage } from "@switchyard/artifacts";
import type { Engine } from "@switchyard/engine";
import { BadRequest, type ModelChanges, type ModelRegistration, NotFound } from "@switchyard/protocol";
import type { ModelVersionChanges, ModelVersionRecord, RunRecord, Store, StoredModelFile } from "@switchyard/store";
import { contentOfBlobs, contentOfLogged, contentOfRun, type ModelContent } from "./content.ts";
import { placeOfSource, type SourcePlace } from "./source.ts";

/** Registers models and finds their files, whichever way they were registered. */
export class Registrar {
  readonly #store: Store;
  readonly #engine: Engine;
  readonly #artifacts: ArtifactStorage;

  constructor(parts: { readonly store: Store; readonly engine: Engine; readonly artifacts: ArtifactStorage }) {
    this.#store = parts.store;
    this.#engine = parts.engine;
    this.#artifacts = parts.artifacts;
  }

  /** Keeps the next version of a model; who asks has the right to the runs that are named. */
  async register(workspace: string, asked: ModelRegistration, createdBy: string | null): Promise<ModelVersionRecord> {
    const { files, fromRun } = asked;
    if ((files === undefined) === (fromRun === undefined)) {
      throw new BadRequest("A model is made of files that were sent or of those of a run: give either files or fromRun.");
    }
    const runId = fromRun?.runId ?? asked.runId ?? null;
    const run = runId === null ? null : await this.#run(workspace, runId);
    const { path, content } =
      fromRun === undefined
        ? await contentOfBlobs(this.#artifacts, files as NonNullable<typeof files>)
        : await contentOfRun(this.#engine, this.#artifacts, fromRun.runId, fromRun.path);
    return await this.#store.modelVersions.register({
      ...{ workspace, name: asked.name, description: asked.description ?? null, path, content, createdBy },
      ...{ framework: asked.framework ?? null, frameworkVersion: asked.frameworkVersion ?? null },
      ...{ runId, experiment: run?.experiment ?? null, runPath: fromRun?.path ?? asked.runPath ?? null },
      ...{ source: null, location: null, runLink: null, loggedModelId: null },
      details: detailsOf(asked),
      tags: asked.tags ?? {},
      properties: asked.properties ?? {},
    });
  }

  async update(record: ModelVersionRecord, changes: ModelChanges): Promise<ModelVersionRecord> {
    const { workspace, name, version, details } = record;
    const { description, tags, removeTags, properties, framework, frameworkVersion, ...more } = changes;
    const plain = { description, tags, removeTags, properties, framework, frameworkVersion };
    const next: ModelVersionChanges = Object.fromEntries(Object.entries(plain).filter(([, value]) => value !== undefined));
    const added = { ...detailsOf(more), ...(more.datasets && { datasets: [...(details.datasets ?? []), ...more.datasets] }) };
    const changed = Object.keys(added).length === 0 ? next : { ...next, details: { ...details, ...added } };
    return await this.#store.modelVersions.update(workspace, name, version, changed);
  }

  /** Files of a version. Those that were not home yet when it was registered are looked for again. Throws NotFound. */
  async files(record: ModelVersionRecord): Promise<StoredModelFile[]> {
    if (record.path === null) await this.gather(record);
    return await this.#store.modelVersions.files(record);
  }

  /** Gives a version the files that its source names, if they are here. */
  async gather(record: ModelVersionRecord): Promise<void> {
    const place = placeOfSource(record.location ?? record.source ?? "");
    if (place === null) {
      throw new NotFound(
        `The files of model ${record.name}:${record.version} are not here: it was registered with the source "${record.source}".`,
        { details: { source: record.source } },
      );
    }
    const { path, content } = await this.#contentAt(record.workspace, place);
    await this.#store.modelVersions.addFiles(record, path, content);
  }

  async #contentAt(workspace: string, place: SourcePlace): Promise<ModelContent> {
    if ("runId" in place) {
      await this.#run(workspace, place.runId);
      return await contentOfRun(this.#engine, this.#artifacts, place.runId, place.path);
    }
    // files of a logged model are files of the run that made it, if one did
    const { id, sourceRunId } = await this.#store.loggedModels.get(workspace, place.loggedModelId);
    const run = sourceRunId === null ? undefined : await this.#store.runs.get(sourceRunId);
    if (run?.workspace !== workspace) return await contentOfLogged(this.#artifacts, id, place.path);
    const { path, content } = await contentOfRun(this.#engine, this.#artifacts, run.id, posix.join("models", id, place.path));
    return place.path === "" ? renamed({ path, content }, "model") : { path, content };
  }

  async #run(workspace: string, runId: string): Promise<RunRecord> {
    const run = await this.#store.runs.get(runId);
    if (run?.workspace === workspace) return run;
    throw new NotFound(`There is no run "${runId}" in workspace "${workspace}".`, { details: { runId } });
  }
}

/** The same content under another name than that of the folder it came from. */
function renamed({ path, content }: ModelContent, to: string): ModelContent {
  return { path: to, content: content.map((file) => ({ ...file, path: to + file.path.slice(path.length) })) };
}

type Details = Pick<ModelRegistration, "resourceConfiguration" | "datasets" | "sampleInputDatasetId" | "sampleOutputDatasetId">;

function detailsOf({ resourceConfiguration, datasets, sampleInputDatasetId, sampleOutputDatasetId }: Details) {
  return {
    ...(resourceConfiguration && { resourceConfiguration }),
    ...(datasets && { datasets }),
    ...(sampleInputDatasetId !== undefined && { sampleInputDatasetId }),
    ...(sampleOutputDatasetId !== undefined && { sampleOutputDatasetId }),
  };
}
