import { randomUUID } from "node:crypto";
import { link, mkdir, readdir, readFile, realpath, rm, stat, unlink, writeFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { BadRequest, Conflict } from "@switchyard/protocol";
import type { ArtifactStorage } from "../contract.ts";
import { FolderBlobs } from "./blobs.ts";
import { explain, isCode } from "./diskErrors.ts";
import { FolderRunFiles } from "./runFiles.ts";

/**
 *     <root>/
 *       artifacts.json           the marker: version, storageId
 *       blobs/ab/cdef…           a blob by its SHA-256
 *       runs/<runId>/files/…     what can be read; partial/… pieces; sums.jsonl SHA-256 of whole files
 *       temp/                    what is being written or removed
 *
 * A whole file of a run may be a blob as well: one file with two names.
 */
const LAYOUT = { marker: "artifacts.json", blobs: "blobs", runs: "runs", temp: "temp" } as const;

/** What nobody has touched for this long was left by a process that died. */
const TEMP_IS_OLD_MS = 24 * 60 * 60 * 1000;

/** Opens a folder of this machine (or one that it mounts) as artifact storage. */
export async function openFolder(path: string): Promise<ArtifactStorage> {
  if (!isAbsolute(path)) throw new BadRequest(`Artifact folder "${path}" must be an absolute path.`);
  try {
    for (const folder of [LAYOUT.blobs, LAYOUT.runs, LAYOUT.temp]) await mkdir(join(path, folder), { recursive: true });
    const root = await realpath(path);
    const places = { root, temp: join(root, LAYOUT.temp) };
    const storageId = await readOrWriteMarker(places);
    await removeOldTemporaries(places.temp);
    const blobs = new FolderBlobs({ ...places, blobs: join(root, LAYOUT.blobs) });
    return { storageId, blobs, runFiles: new FolderRunFiles({ ...places, runs: join(root, LAYOUT.runs) }, blobs) };
  } catch (error) {
    throw explain(error, path, "opening it");
  }
}

/** Two servers that open a new folder at once agree: the marker is made by a link, which only one of them gets. */
async function readOrWriteMarker({ root, temp }: { root: string; temp: string }): Promise<string> {
  const marker = join(root, LAYOUT.marker);
  const mine = join(temp, `marker-${randomUUID()}`);
  const known = await readMarker(marker);
  if (known !== null) return known;
  await writeFile(mine, `${JSON.stringify({ version: 1, storageId: randomUUID() })}\n`, { flush: true });
  try {
    await link(mine, marker);
  } catch (error) {
    if (!isCode(error, "EEXIST")) throw error;
  } finally {
    await unlink(mine);
  }
  return (await readMarker(marker)) as string;
}

async function readMarker(marker: string): Promise<string | null> {
  const text = await readFile(marker, "utf8").catch((error: unknown) => {
    if (isCode(error, "ENOENT")) return null;
    throw error;
  });
  if (text === null) return null;
  const content = parseMarker(text);
  if (content?.version !== 1 || typeof content.storageId !== "string") {
    throw new Conflict(`${marker} is not a marker this version can read; is this folder artifact storage of a newer Switchyard?`);
  }
  return content.storageId;
}

function parseMarker(text: string): { version?: unknown; storageId?: unknown } | null {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function removeOldTemporaries(temp: string): Promise<void> {
  const before = Date.now() - TEMP_IS_OLD_MS;
  for (const name of await readdir(temp)) {
    const path = join(temp, name);
    // another server may have removed it since it was listed
    const seen = await stat(path).catch(() => null);
    if (seen !== null && seen.mtimeMs < before) await rm(path, { recursive: true, force: true });
  }
}
