import type { LoggedModel, StoredModelFile } from "@switchyard/store";
import { contentTypeOf } from "../http/contentType.ts";
import type { BytesAnswer } from "../http/handler.ts";
import { Registrar } from "../models/registrar.ts";
import { MlflowError, missing } from "./errors.ts";
import type { MlflowCall } from "./operation.ts";
import { versionOfPath } from "./registry/wire.ts";
import { requireRun, runOf } from "./runAccess.ts";
import type { ArtifactEntry } from "./wire.ts";

type Asked = Pick<MlflowCall<unknown>, "parts" | "workspace" | "caller">;

/** A folder of artifacts: of a run, whose files everybody knows, or of a logged model that no run made. */
export interface ArtifactPlace {
  readonly runId: string | null;
  /** the name that artifact storage knows it by */
  readonly storageId: string;
  /** what all its paths begin with there: empty, or ends with `/` */
  readonly base: string;
  /** of a version of a registered model: its files, which nobody changes */
  readonly kept?: readonly StoredModelFile[];
}

const RUN_PATH = /^[^/]+\/([^/]+)\/artifacts(?:\/(.*))?$/s;
const MODEL_PATH = /^[^/]+\/models\/([^/]+)\/artifacts(?:\/(.*))?$/s;

/** What a path below `mlflow-artifacts:/` names, when the caller may touch it. */
export async function placeOfPath(call: Asked, path: string): Promise<{ readonly place: ArtifactPlace; readonly rest: string }> {
  const ofVersion = versionOfPath(path);
  if (ofVersion !== null) return { place: await placeOfVersion(call, ofVersion), rest: ofVersion.rest };
  const ofModel = MODEL_PATH.exec(path);
  if (ofModel !== null) {
    const model = await call.parts.store.loggedModels.get(call.workspace, ofModel[1] as string);
    return { place: await placeOfModel(call, model), rest: ofModel[2] ?? "" };
  }
  const ofRun = RUN_PATH.exec(path);
  if (ofRun === null) {
    throw missing(
      `"${path}" is no place of artifacts here: they lie below <experiment>/<run>/artifacts or <experiment>/models/<model>/artifacts.`,
    );
  }
  return { place: await placeOfRun(call, ofRun[1] as string), rest: ofRun[2] ?? "" };
}

export async function placeOfRun(call: Asked, runId: string): Promise<ArtifactPlace> {
  const run = await runOf(call, runId);
  return { runId: run.id, storageId: run.id, base: "" };
}

/** The files of a version of a registered model; everybody in its workspace reads them. */
export async function placeOfVersion(
  { parts, workspace }: Asked,
  { name, version }: { name: string; version: number },
): Promise<ArtifactPlace> {
  const record = await parts.store.modelVersions.require(workspace, name, version);
  const kept = await new Registrar(parts).files(record);
  const path = record.path ?? kept[0]?.path.split("/")[0] ?? "";
  return { runId: null, storageId: `${name} version ${version}`, base: kept.some((file) => file.path === path) ? "" : `${path}/`, kept };
}

/** The files of a logged model are files of the run that made it, so that they show there and go with it. */
export async function placeOfModel(call: Asked, { id, sourceRunId }: Pick<LoggedModel, "id" | "sourceRunId">): Promise<ArtifactPlace> {
  const source = sourceRunId === null ? undefined : await call.parts.store.runs.get(sourceRunId);
  if (source?.workspace === call.workspace) {
    await requireRun(call, source.id);
    return { runId: source.id, storageId: source.id, base: `models/${id}/` };
  }
  if (call.caller.scope === "run")
    throw new MlflowError("PERMISSION_DENIED", `A run's own token may not touch model ${id}, which it did not make.`);
  return { runId: null, storageId: id, base: "" };
}

/** What lies directly in a folder: names relative to the place. Of a file, or of nothing, nothing. */
export async function listPlace({ parts }: Asked, place: ArtifactPlace, path: string): Promise<ArtifactEntry[]> {
  const folder = path === "" ? "" : `${path}/`;
  const entries = new Map<string, ArtifactEntry>();
  for (const file of await filesOf(parts, place, place.base + folder)) {
    const rest = file.path.slice((place.base + folder).length);
    const [name, below] = rest.split("/", 2) as [string, string | undefined];
    if (below === undefined) entries.set(name, { path: folder + name, is_dir: false, file_size: file.size });
    else if (!entries.has(name)) entries.set(name, { path: folder + name, is_dir: true });
  }
  return [...entries.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function filesOf(parts: Asked["parts"], { runId, storageId, kept }: ArtifactPlace, prefix: string) {
  if (kept !== undefined) return kept.filter((file) => file.path.startsWith(prefix));
  return runId === null ? await parts.artifacts.runFiles.list(storageId, prefix) : await parts.engine.listFiles(runId, prefix);
}

export async function readPlace({ parts }: Asked, place: ArtifactPlace, path: string): Promise<BytesAnswer> {
  const { storageId, runId, kept } = place;
  const { runFiles } = parts.artifacts;
  const shown = place.base + path;
  if (kept !== undefined) {
    const file = kept.find((each) => each.path === shown);
    if (file === undefined) throw missing(`There is no artifact "${path}" in ${storageId}.`);
    return { ...file, contentType: contentTypeOf(path), read: (range) => parts.artifacts.blobs.read(file.sha256, range) };
  }
  const stored = runId === null ? shown : await parts.engine.resolveFile(runId, shown);
  const stat = await runFiles.stat(storageId, stored);
  if (stat === null) throw missing(`There is no artifact "${path}" in ${storageId}.`);
  const { size, sha256 } = stat;
  return { size, sha256, contentType: contentTypeOf(path), read: (range) => runFiles.read(storageId, stored, range) };
}

/** Stores an artifact; logged again under the same name it replaces the one before. */
export async function writePlace({ parts }: Asked, place: ArtifactPlace, path: string, content: AsyncIterable<Uint8Array>): Promise<void> {
  const name = requireOwnName(place, path);
  if (place.runId !== null) await refuseWrittenByRun(parts, place.runId, name);
  await parts.artifacts.runFiles.put(place.storageId, name, content);
  if (place.runId !== null) await parts.store.runs.announceFiles(place.runId, [name]);
}

export async function removeFromPlace({ parts }: Asked, place: ArtifactPlace, path: string): Promise<void> {
  const name = requireOwnName(place, path);
  await parts.artifacts.runFiles.remove(place.storageId, name);
  if (place.runId !== null) await parts.store.runs.announceFiles(place.runId, [name]);
}

function requireOwnName({ base, kept, storageId }: ArtifactPlace, path: string): string {
  if (kept !== undefined) throw new MlflowError("PERMISSION_DENIED", `The files of ${storageId} never change. Register a new version.`);
  if (path === "") throw new MlflowError("INVALID_PARAMETER_VALUE", "An artifact needs a name below its run or model.");
  const name = base + path;
  if (/^attempts(\/|$)/.test(name)) {
    throw new MlflowError(
      "INVALID_PARAMETER_VALUE",
      `"${path}": the names below attempts/ are for what a run's machine sends. Choose another name.`,
    );
  }
  return name;
}

/** What the run's machine sends, such as its logs, nobody else writes. */
async function refuseWrittenByRun(parts: Asked["parts"], runId: string, name: string): Promise<void> {
  const stored = await parts.engine.resolveFile(runId, name).catch(() => name);
  if (stored !== name) throw new MlflowError("INVALID_PARAMETER_VALUE", `Run ${runId} writes "${name}" itself. Choose another name.`);
}
