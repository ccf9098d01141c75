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

/**
 * The file or folder of a run at `path`, under its own name or `as`. Nothing is copied where the storage can do without.
 * Throws NotFound.
 */
export async function contentOfRun(
  engine: Engine,
  { runFiles }: ArtifactStorage,
  runId: string,
  path: string,
  as: string = posix.basename(path),
): Promise<ModelContent> {
  const below = (await engine.listFiles(runId, path)).filter((file) => file.path === path || file.path.startsWith(`${path}/`));
  if (below.length === 0) {
    const error = await engine.resolveFile(runId, path).catch((problem: unknown) => problem);
    const nearest = error instanceof NotFound ? error.details.nearest : null;
    const hint = typeof nearest === "string" ? ` The nearest is "${nearest}".` : "";
    throw new NotFound(
      `Run ${runId} has no file or folder "${path}".${hint} Files that a run leaves on its machine are here once it has ended.`,
      { details: { runId, path } },
    );
  }
  const content: StoredModelFile[] = [];
  for (const file of below) {
    const kept = await runFiles.keepAsBlob(runId, await engine.resolveFile(runId, file.path));
    content.push({ path: as + file.path.slice(path.length), ...kept });
  }
  return { path: as, content };
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
