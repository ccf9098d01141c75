import { constants } from "node:fs";
import { access, statfs } from "node:fs/promises";
import { delimiter, join } from "node:path";
import type { Health } from "../contract.ts";

const LEAST_FREE_BYTES = 50 * 1024 * 1024;
const LITTLE_FREE_BYTES = 1024 ** 3;

/** Whether this machine can take jobs: a place to write, room in it, and the tools a job needs. */
export async function checkMachine(siteRoot: string, searchPath = process.env.PATH ?? ""): Promise<Health> {
  if (process.platform === "win32") return { ok: false, because: "Jobs need a POSIX shell. On Windows run Switchyard inside WSL." };
  const unwritable = await access(siteRoot, constants.W_OK | constants.X_OK).then(() => null, (error: Error) => error.message); // biome-ignore format: one line
  if (unwritable !== null) return { ok: false, because: `The folder for jobs, ${siteRoot}, cannot be written: ${unwritable}.` };
  for (const tools of [["sh"], ["tar"], ["setsid", "python3", "perl"]]) {
    if (!(await hasOneOf(tools, searchPath)))
      return { ok: false, because: `This machine has no ${tools.join(", ")} on its PATH. Install it.` };
  }
  const free = await freeBytes(siteRoot);
  if (free < LEAST_FREE_BYTES) return { ok: false, because: `Only ${inWords(free)} are free below ${siteRoot}. Free some space there.` };
  const notes = [
    ...((await hasOneOf(["python3"], searchPath)) ? [] : ["No python3 on the PATH: runs must name their interpreter."]),
    ...(free < LITTLE_FREE_BYTES ? [`Only ${inWords(free)} are free below ${siteRoot}.`] : []),
  ];
  return notes.length === 0 ? { ok: true } : { ok: true, note: notes.join(" ") };
}

async function hasOneOf(tools: readonly string[], searchPath: string): Promise<boolean> {
  for (const folder of searchPath.split(delimiter).filter((each) => each !== "")) {
    for (const tool of tools) {
      if (await access(join(folder, tool), constants.X_OK).then(() => true, () => false)) return true; // biome-ignore format: one line
    }
  }
  return false;
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

const inWords = (bytes: number): string => `${Math.floor(bytes / 1024 ** 2)} MiB`;
