import { posix } from "node:path";
import type { ArtifactStorage } from "@switchyard/artifacts";
import type { Engine } from "@switchyard/engine";
import { BadRequest, NotFound, SnapshotIncomplete } from "@switchyard/protocol";
import type { StoredModelFile } from "@switchyard/store";

/** What a model is made of: files at or below `path`. */
export interface ModelContent {
  readonly path: string;
  readonly content: readonly StoredModelFile[];
}

/** Files that were sent as blobs. Throws SnapshotIncomplete when some are not here, BadRequest for a path outside `path` or twice. */
export async function contentOfBlobs(
  { blobs }: ArtifactStorage,
  sent: { readonly path: string; readonly content: readonly { readonly path: string; readonly sha256: string }[] },
): Promise<ModelContent> {
  const content = new Map<string, StoredModelFile>();
  const missing: string[] = [];
  for (const { path, sha256 } of sent.content) {
    if (content.has(path)) throw new BadRequest(`"${path}" is among the files of the model twice.`, { details: { path } });
    if (path !== sent.path && !path.startsWith(`${sent.path}/`)) {
      throw new BadRequest(`"${path}" is not at or below "${sent.path}", which is what is registered.`, { details: { path } });
    }
    const size = await blobs.keep(sha256);
    if (size === null) missing.push(sha256);
    content.set(path, { path, sha256, size: size ?? 0 });
  }
  requireNoFolder([...content.keys()]);
  if (missing.length === 0) return { path: sent.path, content: [...content.values()] };
  throw new SnapshotIncomplete(`${missing.length} of the model's ${content.size} files are not here yet. Send them and register again.`, {
    details: { missing: missing.slice(0, 1000) },
  });
}

/** The file or folder of a run at `path`, under its own name. Nothing is copied where the storage can do without. Throws NotFound. */
export async function contentOfRun(engine: Engine, { runFiles }: ArtifactStorage, runId: string, path: string): Promise<ModelContent> {
  const files = (await engine.listFiles(runId, path)).map((file) => file.path);
  const found = named(files, path).filter((file) => path !== "" || !OF_THE_RUN.test(file.from));
  if (found.length === 0) {
    const error = await engine.resolveFile(runId, path).catch((problem: unknown) => problem);
    const nearest = error instanceof NotFound ? error.details.nearest : null;
    const hint = typeof nearest === "string" ? ` The nearest is "${nearest}".` : "";
    throw new NotFound(
      `Run ${runId} has no file or folder "${path}".${hint} Files that a run leaves on its machine are here once it has ended.`,
      { details: { runId, path } },
    );
  }
  const keep = async (from: string) => await runFiles.keepAsBlob(runId, await engine.resolveFile(runId, from));
  return { path: nameAt(path), content: await keepAll(found, keep) };
}

/** What says how a run went, and is no part of what it made. */
const OF_THE_RUN = /^(azureml-logs|logs|attempts)\//;

/** Files of a model that an MLflow client logged outside of any run. Throws NotFound. */
export async function contentOfLogged({ runFiles }: ArtifactStorage, modelId: string, path: string): Promise<ModelContent> {
  const files = (await runFiles.list(modelId, path)).map((file) => file.path);
  const found = named(files, path);
  if (found.length === 0) throw new NotFound(`The logged model ${modelId} has no file or folder "${path}".`, { details: { path } });
  return { path: nameAt(path), content: await keepAll(found, (from) => runFiles.keepAsBlob(modelId, from)) };
}

const nameAt = (path: string): string => (path === "" ? "model" : posix.basename(path));

/** Of some files those at or below a path, with what each is called in the model. */
function named(files: readonly string[], path: string): { from: string; to: string }[] {
  const below = path === "" ? "" : `${path}/`;
  return files
    .filter((file) => file === path || file.startsWith(below))
    .map((from) => ({ from, to: from === path ? nameAt(path) : `${nameAt(path)}/${from.slice(below.length)}` }));
}

async function keepAll(
  files: readonly { from: string; to: string }[],
  keep: (from: string) => Promise<{ size: number; sha256: string }>,
): Promise<StoredModelFile[]> {
  const content: StoredModelFile[] = [];
  for (const { from, to } of files) content.push({ path: to, ...(await keep(from)) });
  return content;
}

/** A name cannot be a file and a folder: nobody could download it. */
function requireNoFolder(paths: readonly string[]): void {
  const all = new Set(paths);
  for (const path of paths) {
    for (let folder = posix.dirname(path); folder !== "."; folder = posix.dirname(folder)) {
      if (all.has(folder))
        throw new BadRequest(`"${folder}" is a file of the model and a folder with "${path}" too.`, { details: { path } });
    }
  }
}
