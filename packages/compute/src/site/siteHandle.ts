import { existsSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { ComputeUnreachable, PathEscape } from "@switchyard/protocol";
import type { JobHandle } from "../contract.ts";
import { siteOfJob } from "../site/siteFolders.ts";
import type { HostIdentity } from "./host.ts";

export const LOCAL_DRIVER = "local";

/** What finds a job of this machine again. */
export function localHandle(jobId: string, directory: string, host: HostIdentity, bootId: string | null): JobHandle {
  return { driver: LOCAL_DRIVER, version: 1, jobId, ref: { dir: directory, host: host.name, hostId: host.id, bootId } };
}

/** The job directory that a handle names. Throws ComputeUnreachable when it lies on another machine. */
export function directoryOf(handle: JobHandle, host: HostIdentity): string {
  const { dir, host: name, hostId } = handle.ref;
  if (handle.version !== 1 || typeof dir !== "string" || typeof name !== "string" || typeof hostId !== "string") {
    throw new ComputeUnreachable(
      `Job ${handle.jobId} was started by another version of Switchyard: its handle (version ${handle.version}) cannot be read. Use that version, or a newer one.`,
    );
  }
  if (hostId !== host.id) {
    throw new ComputeUnreachable(
      `Job ${handle.jobId} is on host ${name}, and this is ${host.name}. Only a server on ${name} can reach it.`,
    );
  }
  if (resolve(dir) !== dir || basename(dir) !== handle.jobId || basename(dirname(dir)) !== "jobs") {
    throw new PathEscape(`The handle of job ${handle.jobId} names "${dir}", which is not the directory of that job.`);
  }
  return dir;
}

/** Throws ComputeUnreachable when the folder of all jobs is not there, for then nothing can be said about any. */
export function requireSite(directory: string, jobId: string): void {
  const { jobs } = siteOfJob(directory);
  if (existsSync(jobs)) return;
  throw new ComputeUnreachable(
    `Job ${jobId} cannot be looked at: ${jobs} cannot be reached. Mount its disk or restore its permissions; the job is not lost.`,
  );
}
