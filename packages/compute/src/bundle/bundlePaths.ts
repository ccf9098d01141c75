import { posix } from "node:path";
import { JobRejected, MAX_TREE_DEPTH, PathEscape } from "@switchyard/protocol";

/**
 * The paths of one bundle while it is written. Every entry must lie in a folder that came before it and is no link, and
 * no two entries share a path: so what is written stays where it should, whatever the bundle says.
 */
export class BundlePaths {
  readonly #folders = new Set<string>([""]);
  readonly #taken = new Set<string>();

  /** Returns the path if it may be written now. */
  take(path: string, kind: "folder" | "file" | "link"): string {
    const parts = checkParts(path);
    const parent = parts.slice(0, -1).join("/");
    if (!this.#folders.has(parent)) {
      throw new PathEscape(`The snapshot's "${path}" lies in "${parent}", which is no folder of the snapshot.`);
    }
    if (this.#taken.has(path)) throw new JobRejected(`The snapshot has "${path}" twice.`);
    this.#taken.add(path);
    if (kind === "folder") this.#folders.add(path);
    return path;
  }
}

function checkParts(path: string): string[] {
  const parts = path.split("/");
  if (path.includes("\0") || parts.some((part) => part === "" || part === "." || part === "..")) {
    throw new PathEscape(`The snapshot's "${path}" is not a path inside it: paths are relative and have no empty part, "." or "..".`);
  }
  if (parts.length > MAX_TREE_DEPTH) {
    throw new JobRejected(`The snapshot's "${path.slice(0, 80)}…" lies ${parts.length} folders deep; ${MAX_TREE_DEPTH} is the most.`);
  }
  return parts;
}

/**
 * Returns the link's target if it stays inside the snapshot. After a name a target may not go up again: that name may be
 * a link itself, and `..` would then lead out from where it points.
 */
export function checkLink(path: string, target: string): string {
  const inside = posix.normalize(posix.join(posix.dirname(path), target));
  const leadsOut = target === "" || target.includes("\0") || posix.isAbsolute(target) || inside === ".." || inside.startsWith("../");
  if (leadsOut) throw new PathEscape(`The link "${path}" leads out of the snapshot, to "${target}". Put what it needs into the folder.`);
  const firstName = target.split("/").findIndex((part) => part !== ".." && part !== "." && part !== "");
  if (firstName >= 0 && target.split("/").slice(firstName).includes("..")) {
    throw new PathEscape(`The link "${path}" goes down and up again, to "${target}". Make it point there directly.`);
  }
  return target;
}
