import { constants } from "node:fs";
import { access, readFile, stat } from "node:fs/promises";
import { delimiter, join, resolve } from "node:path";
import { MARK } from "./script.ts";

/** A file called az on PATH, and whether it is ours. */
export interface FoundAz {
  readonly file: string;
  readonly ours: boolean;
}

/** Every program az that a shell would find, in its order. */
export async function findAz(path: string | undefined, cwd: string): Promise<FoundAz[]> {
  const found: FoundAz[] = [];
  for (const folder of (path ?? "").split(delimiter)) {
    const file = join(resolve(cwd, folder || "."), "az");
    if (!(await isProgram(file)) || found.some((each) => each.file === file)) continue;
    found.push({ file, ours: await isOurs(file) });
  }
  return found;
}

/** Whether a file is an az that we wrote; false when there is none. */
export async function isOurs(file: string): Promise<boolean> {
  const text = await readFile(file, "latin1").catch(() => "");
  return text.split("\n", 3).some((line) => line.startsWith(MARK));
}

async function isProgram(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => null);
  if (!found?.isFile()) return false;
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
