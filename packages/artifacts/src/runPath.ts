import { createHash } from "node:crypto";
import { BadRequest, PathEscape } from "@switchyard/protocol";

/** Far above what a person nests, far below what a file system takes. */
const MAX_LEVELS = 100;
const MAX_PATH_BYTES = 2048;
const MAX_NAME_BYTES = 255;
/** Half a character: it would become U+FFFD on the disk, and two names one. */
const LONE_SURROGATE = /\p{Surrogate}/u;
const RUN_ID = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,255}$/;

/** Checks a path from outside: relative, inside, and such that every file system takes it. Throws PathEscape. */
export function checkRunPath(path: string): string {
  const wrong = whatIsWrong(path);
  if (wrong !== null) throw new PathEscape(`File name ${shown(path)} cannot be used: it ${wrong}.`);
  return path;
}

function whatIsWrong(path: string): string | null {
  if (path === "") return "is empty";
  if (path.startsWith("/")) return "is absolute; give a path relative to the run";
  if (path.includes("\0")) return "contains a NUL character";
  if (LONE_SURROGATE.test(path)) return "is not valid Unicode";
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) return `is longer than ${MAX_PATH_BYTES} bytes`;
  const parts = path.split("/");
  if (parts.length > MAX_LEVELS) return `has ${parts.length} levels; at most ${MAX_LEVELS} are kept`;
  for (const part of parts) {
    if (part === "..") return 'leads out of the run\'s folder with ".."';
    if (part === "" || part === ".") return 'has an empty or "." part';
    if (Buffer.byteLength(part) > MAX_NAME_BYTES) return `has a part longer than ${MAX_NAME_BYTES} bytes`;
  }
  return null;
}

function shown(path: string): string {
  return JSON.stringify(path.length > 200 ? `${path.slice(0, 200)}…` : path);
}

/** The name of a run's folder: its id, or for an id longer than a file name may be, its beginning and a hash. */
export function runFolderName(runId: string): string {
  if (!RUN_ID.test(runId))
    throw new BadRequest(`${shown(runId)} is not a run id: letters, digits, "_", "-", "." and a letter or digit first.`);
  return runId.length <= 200 ? runId : `${runId.slice(0, 150)}~${createHash("sha256").update(runId).digest("hex").slice(0, 32)}`;
}
