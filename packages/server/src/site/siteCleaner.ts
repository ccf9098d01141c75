import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, readlink, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { SiteCleaner } from "@switchyard/engine";
import { JOB_LAYOUT, type JobFile, jobFile } from "@switchyard/protocol";
import { folderSize } from "./folderSize.ts";

const DAY_MS = 24 * 3600 * 1000;
const ENVIRONMENT = /^azureml_[0-9a-f]{32}$/;
const TOOLKIT = /^[0-9a-f]{16}$/;

/** Frees what jobs left on this machine: environments nobody used for long, and directories of runs that are over. */
export function createSiteCleaner(siteRoot: string, currentToolkit: () => Promise<string>): SiteCleaner {
  const environments = join(siteRoot, "environments");
  const jobs = join(siteRoot, "jobs");
  const toolkits = join(siteRoot, "toolkits");
  return {
    async environments({ unusedDays, dryRun }) {
      const needed = await environmentsOfJobs(jobs);
      const freed = { count: 0, bytes: 0, names: [] as string[] };
      for (const name of (await namesIn(environments)).filter((each) => ENVIRONMENT.test(each) && !needed.has(each))) {
        const folder = join(environments, name);
        if (existsSync(`${folder}.lock`)) continue; // somebody builds it
        if (Date.now() - (await lastUsed(folder)) < unusedDays * DAY_MS) continue;
        freed.bytes += await folderSize(folder);
        freed.count += 1;
        freed.names.push(name);
        if (!dryRun) await removeFolder(folder, join(siteRoot, "staging"));
      }
      return freed;
    },
    async runDirectories({ isOver, dryRun }) {
      const freed = { count: 0, bytes: 0 };
      for (const jobId of await namesIn(jobs)) {
        // The id of a job only resembles that of its run when that is long.
        const job = await readJobFile(join(jobs, jobId, JOB_LAYOUT.jobFile));
        if (job === null || !(await isOver(job.runId))) continue;
        freed.bytes += await folderSize(join(jobs, jobId));
        freed.count += 1;
        if (!dryRun) await removeFolder(join(jobs, jobId), join(siteRoot, "staging"));
      }
      return freed;
    },
    async toolkits({ dryRun }) {
      const needed = (await toolkitsOfJobs(jobs)).add(await currentToolkit());
      const freed = { count: 0, bytes: 0 };
      for (const name of (await namesIn(toolkits)).filter((each) => TOOLKIT.test(each) && !needed.has(each))) {
        freed.bytes += await folderSize(join(toolkits, name));
        freed.count += 1;
        if (!dryRun) await removeFolder(join(toolkits, name), join(siteRoot, "staging"));
      }
      return freed;
    },
  };
}

/** Which copies of the tools the jobs of this machine link to, running or not. */
async function toolkitsOfJobs(jobs: string): Promise<Set<string>> {
  const names = new Set<string>();
  for (const jobId of await namesIn(jobs)) {
    for (const link of [JOB_LAYOUT.supervisor, JOB_LAYOUT.python]) {
      const target = await readlink(join(jobs, jobId, link)).catch(() => "");
      const name = /(?:^|\/)toolkits\/([^/]+)\//.exec(target)?.[1];
      if (name !== undefined) names.add(name);
    }
  }
  return names;
}

/** Environments of the jobs that are on this machine, running or not. */
async function environmentsOfJobs(jobs: string): Promise<Set<string>> {
  const names = new Set<string>();
  for (const jobId of await namesIn(jobs)) {
    const job = await readJobFile(join(jobs, jobId, JOB_LAYOUT.jobFile));
    if (job?.environment.kind === "system") names.add(job.environment.name);
  }
  return names;
}

/** Null for a job directory that is being removed or that somebody damaged. */
async function readJobFile(path: string): Promise<JobFile | null> {
  try {
    return jobFile.parse(JSON.parse(await readFile(path, "utf8")));
  } catch {
    return null;
  }
}

/** When a job last took it; for one that was never finished, when its building last changed it. */
async function lastUsed(folder: string): Promise<number> {
  for (const path of [join(folder, ".last-used"), join(folder, ".complete"), folder]) {
    const found = await stat(path).catch(() => null);
    if (found !== null) return found.mtimeMs;
  }
  return Date.now();
}

/** Moves it away first, so that nobody takes a half deleted folder for a whole one. */
async function removeFolder(folder: string, staging: string): Promise<void> {
  await mkdir(staging, { recursive: true });
  const doomed = join(staging, `${randomBytes(8).toString("hex")}.removed`);
  await rename(folder, doomed);
  await rm(doomed, { recursive: true, force: true });
}

async function namesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}
