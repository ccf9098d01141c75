import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { failPoint, JOB_LAYOUT } from "@switchyard/protocol";
import type { JobBundle } from "../contract.ts";
import { jobDirectory, type SiteFolders } from "../site/siteFolders.ts";
import { explainDiskError } from "./diskErrors.ts";
import { environmentFiles, foldersOf } from "./environmentFiles.ts";
import { renderJobShell } from "./jobShell.ts";
import { renderSecretShell } from "./secretShell.ts";
import { TOOLKIT_LAYOUT, type Toolkit } from "./toolkit.ts";
import { writeCode } from "./writeCode.ts";

/**
 * Writes a bundle into a job directory of this machine and returns where it is. It appears whole or not at all; when it
 * is there already, that one stays.
 */
export async function stageLocally(bundle: JobBundle, site: SiteFolders, toolkit: Toolkit, signal: AbortSignal): Promise<string> {
  const directory = jobDirectory(site, bundle.id);
  if (existsSync(directory)) return directory;
  const staging = join(site.staging, `${bundle.id}.${randomBytes(6).toString("hex")}`);
  try {
    writeOwnFiles(bundle, staging, toolkit);
    await writeCode(bundle.code(), join(staging, JOB_LAYOUT.code), signal);
    await writeCode(bundle.checkpoints(), join(staging, JOB_LAYOUT.checkpoints), signal);
    if (bundle.job.data.length > 0) {
      mkdirSync(join(staging, JOB_LAYOUT.data));
      await writeCode(bundle.data(), join(staging, JOB_LAYOUT.data), signal);
    }
    failPoint("stage.before-rename");
    await renameUnlessThere(staging, directory);
  } catch (error) {
    await rm(staging, { recursive: true, force: true }).catch(() => {}); // what happened first is what counts
    throw explainDiskError(error, site.root);
  }
  failPoint("stage.after-rename");
  return directory;
}

/** A dozen tiny files: written at once, since a queue of a thousand jobs waits for this. */
function writeOwnFiles({ job, secrets }: JobBundle, staging: string, toolkit: Toolkit): void {
  const at = (path: string) => join(staging, path);
  mkdirSync(staging, { mode: 0o700, recursive: true });
  for (const folder of [JOB_LAYOUT.code, JOB_LAYOUT.outputs, JOB_LAYOUT.checkpoints, JOB_LAYOUT.own]) mkdirSync(at(folder));
  writeFileSync(at(JOB_LAYOUT.jobFile), `${JSON.stringify(job, null, 2)}\n`);
  writeFileSync(at(JOB_LAYOUT.jobShell), renderJobShell(job));
  writeFileSync(at(JOB_LAYOUT.secrets), renderSecretShell(secrets), { mode: 0o600 });
  const files = environmentFiles(job);
  for (const path of foldersOf(files)) mkdirSync(at(path));
  for (const { path, content } of files) writeFileSync(at(path), content);
  linkTools(staging, toolkit);
}

/** Links are relative, so that a site can be moved as a whole. The staging folder lies as deep as the job directory. */
function linkTools(staging: string, { folder, supervisorFiles }: Toolkit): void {
  const own = join(staging, JOB_LAYOUT.own);
  for (const name of supervisorFiles) symlinkSync(relative(own, join(folder, TOOLKIT_LAYOUT.supervisor, name)), join(own, name));
  symlinkSync(relative(own, join(folder, TOOLKIT_LAYOUT.python)), join(own, basename(JOB_LAYOUT.python)));
  symlinkSync(relative(own, join(folder, TOOLKIT_LAYOUT.wheels)), join(own, basename(JOB_LAYOUT.wheels)));
}

/** The loser of a race finds the winner's directory, which is never empty, and throws its own copy away. */
async function renameUnlessThere(staging: string, directory: string): Promise<void> {
  try {
    await rename(staging, directory);
  } catch (error) {
    if (!["ENOTEMPTY", "EEXIST"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    await rm(staging, { recursive: true, force: true });
  }
}
