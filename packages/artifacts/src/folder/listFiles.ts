import type { BigIntStats } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { isCode } from "./diskErrors.ts";

const LOOKED_AT_ONCE = 64;

/** Every regular file below `root` whose path begins with `prefix`, by path. Links and special files are passed over. */
export async function listFiles(root: string, prefix: string): Promise<{ path: string; seen: BigIntStats }[]> {
  const paths: string[] = [];
  const folder = prefix.slice(0, prefix.lastIndexOf("/") + 1);
  await walk(root, folder, prefix, paths);
  paths.sort();
  const found: { path: string; seen: BigIntStats }[] = [];
  for (let at = 0; at < paths.length; at += LOOKED_AT_ONCE) {
    const some = paths.slice(at, at + LOOKED_AT_ONCE);
    const stats = await Promise.all(some.map((path) => statOrNull(join(root, path))));
    some.forEach((path, index) => {
      const seen = stats[index];
      if (seen) found.push({ path, seen });
    });
  }
  return found;
}

async function walk(root: string, folder: string, prefix: string, paths: string[]): Promise<void> {
  for (const entry of await entriesOf(join(root, folder))) {
    const path = folder + entry.name;
    if (entry.isDirectory()) {
      if (`${path}/`.startsWith(prefix) || prefix.startsWith(`${path}/`)) await walk(root, `${path}/`, prefix, paths);
    } else if (entry.isFile() && path.startsWith(prefix)) paths.push(path);
  }
}

async function entriesOf(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (isCode(error, "ENOENT", "ENOTDIR")) return [];
    throw error;
  }
}

/** Null for a file that went away since it was listed. */
export async function statOrNull(path: string): Promise<BigIntStats | null> {
  try {
    return await lstat(path, { bigint: true });
  } catch (error) {
    if (isCode(error, "ENOENT", "ENOTDIR")) return null;
    throw error;
  }
}
