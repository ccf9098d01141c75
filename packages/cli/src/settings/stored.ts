import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { BadRequest } from "@switchyard/protocol/errors";

/** Defaults that `configure --defaults` keeps, under the names that Azure's command line has for them. */
export const DEFAULT_NAMES = ["group", "aml_workspace", "location"] as const;
export type DefaultName = (typeof DEFAULT_NAMES)[number];
export type StoredDefaults = Partial<Record<DefaultName, string>>;

/** Where the command line keeps what a person told it once, below the server's home. */
export const settingsFile = (home: string): string => join(home, "cli.json");

/** The stored defaults; none when nothing was stored. */
export async function readDefaults(home: string): Promise<StoredDefaults> {
  return (await readSettings(settingsFile(home))).defaults;
}

/** Stores defaults beside those that are there; an empty value takes one away. */
export async function storeDefaults(home: string, changes: StoredDefaults): Promise<StoredDefaults> {
  const file = settingsFile(home);
  const settings = await readSettings(file);
  const defaults = Object.fromEntries(Object.entries({ ...settings.defaults, ...changes }).filter(([, value]) => value !== ""));
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const fresh = `${file}.${process.pid}`; // a kill in the middle leaves the old file whole
  await writeFile(fresh, `${JSON.stringify({ ...settings, defaults }, null, 2)}\n`);
  await rename(fresh, file);
  return defaults;
}

async function readSettings(file: string): Promise<{ defaults: StoredDefaults }> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return "{}";
    throw error;
  });
  try {
    const { defaults = {}, ...others } = JSON.parse(text) as { defaults?: StoredDefaults };
    if (defaults !== null && typeof defaults === "object" && Object.values(defaults).every((each) => typeof each === "string")) {
      return { ...others, defaults };
    }
  } catch (error) {
    throw new BadRequest(`"${file}" is not JSON: ${(error as Error).message}. Correct it, or delete it and store the defaults again.`, {
      cause: error,
    });
  }
  throw new BadRequest(`"${file}" holds no "defaults" that are texts. Correct it, or delete it and store the defaults again.`);
}
