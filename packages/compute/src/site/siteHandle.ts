import { basename, dirname, resolve } from "node:path";
import { ComputeUnreachable, PathEscape } from "@switchyard/protocol";
import type { JobHandle } from "../contract.ts";
import type { SiteIdentity } from "./site.ts";

/** What finds a job directory of a machine again. */
export function siteHandle(driver: string, jobId: string, directory: string, host: SiteIdentity): JobHandle {
  return { driver, version: 1, jobId, ref: { dir: directory, host: host.name, hostId: host.id, bootId: host.bootId } };
}

/** The job directory that a handle names. Throws ComputeUnreachable when it lies on another machine. */
export function directoryOf(handle: JobHandle, host: SiteIdentity): string {
  const { dir, host: name, hostId } = handle.ref;
  if (handle.version !== 1 || typeof dir !== "string" || typeof name !== "string" || typeof hostId !== "string") {
    throw new ComputeUnreachable(
      `Job ${handle.jobId} was started by another version of Switchyard: its handle (version ${handle.version}) cannot be read. Use that version, or a newer one.`,
    );
  }
  if (hostId !== host.id) {
    throw new ComputeUnreachable(
      `Job ${handle.jobId} is on host ${name}, and this is ${host.name}. Only a server that reaches ${name} can look at it.`,
    );
  }
  if (resolve(dir) !== dir || basename(dir) !== handle.jobId || basename(dirname(dir)) !== "jobs") {
    throw new PathEscape(`The handle of job ${handle.jobId} names "${dir}", which is not the directory of that job.`);
  }
  return dir;
}
