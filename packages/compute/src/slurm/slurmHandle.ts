import { ComputeUnreachable } from "@switchyard/protocol";
import type { JobHandle } from "../contract.ts";
import type { SiteIdentity } from "../site/site.ts";
import { directoryOf, siteHandle } from "../site/siteHandle.ts";

/** What finds a job of a Slurm cluster again: its directory as the log-in node names it, and its number there. */
export function slurmHandle(driver: string, jobId: string, directory: string, slurmId: string, host: SiteIdentity): JobHandle {
  const handle = siteHandle(driver, jobId, directory, host);
  return { ...handle, ref: { ...handle.ref, slurmId } };
}

export interface SlurmRef {
  readonly directory: string;
  readonly slurmId: string;
}

/** What the handle names. Throws ComputeUnreachable when it belongs to another log-in node or version. */
export function refOf(handle: JobHandle, host: SiteIdentity): SlurmRef {
  const directory = directoryOf(handle, host);
  const { slurmId } = handle.ref;
  if (typeof slurmId === "string" && /^\d+$/.test(slurmId)) return { directory, slurmId };
  throw new ComputeUnreachable(
    `Job ${handle.jobId} was started by another version of Switchyard: its handle names no Slurm job. Use that version.`,
  );
}
