import { closeSync, constants, openSync, readlinkSync, realpathSync } from "node:fs";
import { join } from "node:path";

/** How files are opened that scripts write: a last part that is a link is not followed, a pipe is not waited for. */
export const OPEN_PLAIN = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Opens a file of a script's for reading. Null when it is not there, or does not lie below `folder`: a script may put a link
 * in the place of a folder at any moment, so what was opened is asked where it is. Throws other errors of the system.
 */
export function openInside(folder: string, file: string): number | null {
  try {
    const descriptor = openSync(join(folder, file), OPEN_PLAIN);
    if (liesAt(descriptor, join(realpathSync.native(folder), file))) return descriptor;
    closeSync(descriptor);
    return null;
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "ELOOP", "ENXIO"].includes((error as NodeJS.ErrnoException).code ?? "")) return null;
    throw error;
  }
}

/** Whether this open file lies at `path`, which has no links in it. A system without /proc cannot tell; no account is kept from another there. */
export function liesAt(descriptor: number, path: string): boolean {
  let seen: string;
  try {
    seen = readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return true;
  }
  // a file that was removed since it was opened
  return seen === path || seen === `${path} (deleted)`;
}
