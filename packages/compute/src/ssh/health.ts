import type { Health } from "../contract.ts";
import type { Greeting } from "./greeting.ts";

const LEAST_FREE_BYTES = 50 * 1024 * 1024;
const LITTLE_FREE_BYTES = 1024 ** 3;
const CLOCK_OFF_MS = 60_000;
const NEEDED = ["tar", "xargs", "sort", "uniq", "find", "stat", "mkdir", "mv", "cp", "rm"];
const ONE_OF = ["setsid", "python3", "perl"];

/** Whether the machine called `host` can take jobs, from what it says of itself. */
export function healthOf(host: string, { tools, unusable, root, freeBytes, clockOffsetMs }: Greeting): Health {
  const missing = NEEDED.filter((tool) => !tools.has(tool));
  if (missing.length > 0)
    return { ok: false, because: `${host} has no ${missing.join(", ")} on its PATH. Install ${missing.length > 1 ? "them" : "it"} there.` };
  if (!ONE_OF.some((tool) => tools.has(tool)))
    return { ok: false, because: `${host} has none of ${ONE_OF.join(", ")} on its PATH, so a job cannot be detached. Install one there.` };
  if (unusable !== null) return { ok: false, because: whyUnusable(host, root, unusable) };
  if (freeBytes !== null && freeBytes < LEAST_FREE_BYTES)
    return { ok: false, because: `Only ${inMebibytes(freeBytes)} are free below ${root} on ${host}. Free some space there.` };
  const notes = [
    ...(tools.has("python3") ? [] : [`No python3 on the PATH of ${host}: Python scripts must name their interpreter.`]),
    ...(freeBytes !== null && freeBytes < LITTLE_FREE_BYTES ? [`Only ${inMebibytes(freeBytes)} are free below ${root} on ${host}.`] : []),
    ...(Math.abs(clockOffsetMs) > CLOCK_OFF_MS
      ? [`The clock of ${host} is ${inWords(clockOffsetMs)}; times of its runs are given as it counts them.`]
      : []),
  ];
  return notes.length === 0 ? { ok: true } : { ok: true, note: notes.join(" ") };
}

function whyUnusable(host: string, root: string | null, said: string): string {
  const place = `The folder for jobs${root === null ? "" : `, ${root},`} on ${host}`;
  if (/no space left|quota exceeded/i.test(said)) return `${place} has no space left (${said}). Free some there.`;
  if (/read-only file system/i.test(said))
    return `${place} lies on a disk that cannot be written (${said}). Mount it writable, or attach the machine with another folder.`;
  return `${place} cannot be written (${said}). Give the account access to it, or attach the machine with another folder.`;
}

const inMebibytes = (bytes: number): string => `${Math.floor(bytes / 1024 ** 2)} MiB`;

function inWords(offsetMs: number): string {
  const minutes = Math.round(Math.abs(offsetMs) / 60_000);
  const amount = minutes < 120 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`;
  return `${amount} ${offsetMs > 0 ? "ahead" : "behind"}`;
}
