import { ComputeUnreachable, DiskFull, JobRejected } from "@switchyard/protocol";

/** The error in words for a person when the disk is to blame; anything else comes back as it is. */
export function explainDiskError(error: unknown, folder: string): unknown {
  switch ((error as NodeJS.ErrnoException | undefined)?.code) {
    case "ENOSPC":
    case "EDQUOT":
      return new DiskFull(`No space is left below ${folder}. Free some space there, or move the site to a bigger disk.`, { cause: error });
    case "EROFS":
      return new DiskFull(`${folder} lies on a disk that cannot be written. Mount it writable, or move the site.`, { cause: error });
    case "EACCES":
    case "EPERM":
      return new ComputeUnreachable(`No job can be placed below ${folder}: ${(error as Error).message}. Give this account access to it.`, {
        cause: error,
      });
    case "ENAMETOOLONG":
      return new JobRejected(`A path in the snapshot is too long for the disk of ${folder}. Shorten the names of folders or files.`, {
        cause: error,
      });
    default:
      return error;
  }
}
