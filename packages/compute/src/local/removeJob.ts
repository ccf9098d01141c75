import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { Conflict } from "@switchyard/protocol";
import { lookAtJob, type SiteReader } from "../site/lookAtJob.ts";
import { type SiteFolders, siteOfJob } from "../site/siteFolders.ts";

/** Deletes a job directory and what else the site keeps of the job. Refuses while the job runs. */
export async function removeJob(directory: string, reader: SiteReader): Promise<void> {
  const jobId = basename(directory);
  const site = siteOfJob(directory);
  const { phase } = lookAtJob(directory, reader).standing;
  if (phase === "running" || phase === "preparing") {
    throw new Conflict(`Job ${jobId} still runs in ${directory}, so it is not removed. Cancel it first.`);
  }
  if (phase !== "missing") await deleteFolder(directory, site);
  await rm(join(site.bells, jobId), { force: true });
}

/** Moves it away first: half deleted, it would look like a job that nobody has started yet. */
async function deleteFolder(directory: string, site: SiteFolders): Promise<void> {
  await mkdir(site.staging, { recursive: true });
  const doomed = join(site.staging, `${basename(directory)}.${randomBytes(6).toString("hex")}.removed`);
  try {
    await rename(directory, doomed);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return; // somebody else removes it
    throw error;
  }
  await deleteTree(doomed);
}

async function deleteTree(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  } catch (error) {
    if (!["EACCES", "EPERM", "ENOTEMPTY"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    await unlockFolders(folder); // a folder that may not be written keeps what is in it
    await rm(folder, { recursive: true, force: true });
  }
}

async function unlockFolders(folder: string): Promise<void> {
  await chmod(folder, 0o700);
  for (const entry of await readdir(folder, { withFileTypes: true }))
    if (entry.isDirectory()) await unlockFolders(join(folder, entry.name));
}

/** Older than any copy takes: nobody writes there any more. */
const FORGOTTEN_AFTER_MS = 24 * 3600 * 1000;

/** Deletes what killed servers left half written or half deleted. Never fails: it is done again another day. */
export async function sweepStaging(site: SiteFolders, nowMs = Date.now()): Promise<void> {
  if (!existsSync(site.staging)) return;
  for (const name of await readdir(site.staging).catch(() => [])) {
    const path = join(site.staging, name);
    const changedMs = await stat(path).then((stats) => stats.ctimeMs, () => nowMs); // biome-ignore format: one line
    const isDoomed = name.endsWith(".removed");
    if (isDoomed || nowMs - changedMs > FORGOTTEN_AFTER_MS) await deleteTree(path).catch(() => {});
  }
}
