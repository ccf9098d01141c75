import { BadRequest, Conflict, DiskFull, PathEscape, SwitchyardError } from "@switchyard/protocol";

/** Says whether an error of the file system carries this code. */
export function isCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}

/** Puts an error of the file system into words: which folder, while doing what, and what to do. Others pass through. */
export function explain(error: unknown, folder: string, doing: string): unknown {
  if (error instanceof SwitchyardError) return error;
  if (isCode(error, "ENOSPC", "EDQUOT")) {
    return new DiskFull(`No space is left in artifact folder ${folder} while ${doing}. Free some space there, or run \`switchyard gc\`.`, {
      cause: error,
      details: { folder },
    });
  }
  if (isCode(error, "ELOOP"))
    return new PathEscape(`A symbolic link lies in the way in artifact folder ${folder} while ${doing}.`, { cause: error });
  if (isCode(error, "ENAMETOOLONG"))
    return new PathEscape(`A name is too long for artifact folder ${folder} while ${doing}.`, { cause: error });
  if (isCode(error, "ENOTDIR", "EISDIR", "EEXIST", "ENOTEMPTY")) {
    return new Conflict(`A file and a folder of one name cannot both be kept in ${folder}; it happened while ${doing}.`, { cause: error });
  }
  if (isCode(error, "EACCES", "EPERM", "EROFS")) {
    return new BadRequest(`Artifact folder ${folder} may not be written or read by this user; it happened while ${doing}.`, {
      cause: error,
    });
  }
  return error;
}
