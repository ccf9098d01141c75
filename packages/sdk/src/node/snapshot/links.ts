import { readlinkSync, realpathSync } from "node:fs";
import { dirname, join, normalize, sep } from "node:path";
import { inWords, systemCode } from "../systemErrors.ts";

/** Reads a symbolic link: its target, or why it cannot travel. It must stay in the folder by its words and on this disk. */
export function whyLinkIsRefused(folder: string, path: string): { target: string } | { refused: string } {
  try {
    const bytes = readlinkSync(join(folder, path), { encoding: "buffer" });
    const target = bytes.toString("utf8");
    if (!Buffer.from(target).equals(bytes)) return { refused: "is a link whose target is not UTF-8" };
    if (target.startsWith("/")) return { refused: `is a link to ${target}, an absolute path` };
    if (leadsOut(normalize(join(dirname(path), target)))) return { refused: `is a link to ${target}, out of the folder` };
    // put together without normalising: `a/../b` is not `b` when `a` is a link
    const real = realOrNull([folder, dirname(path), target].join(sep));
    if (real !== null && !isInside(realpathSync.native(folder), real))
      return { refused: `is a link to ${target}, which leads to ${real}, out of the folder` };
    return { target };
  } catch (error) {
    return { refused: `cannot be read: ${inWords(error)}` };
  }
}

const leadsOut = (path: string): boolean => path === ".." || path.startsWith(`..${sep}`);
const isInside = (folder: string, path: string): boolean => path === folder || path.startsWith(folder === sep ? sep : folder + sep);

/** Where a link leads on this disk; null when it leads to nothing (yet), or in a circle. */
function realOrNull(path: string): string | null {
  try {
    return realpathSync.native(path);
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT" || code === "ELOOP" || code === "ENOTDIR") return null;
    throw error;
  }
}
