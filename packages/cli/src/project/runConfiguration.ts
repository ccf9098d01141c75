import { readdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { NotFound } from "@switchyard/protocol/errors";
import { nearestOf } from "@switchyard/protocol/nearest";
import { CONFIGURATION_FOLDERS } from "./folder.ts";

const EXTENSION = ".runconfig";
/** What a submission uses when it names no configuration. */
const DEFAULT_NAME = "local";

/**
 * The file of a run configuration, by its name (`local`), its name with extension, or its path. Without a name: that of
 * `local`, or null when the folder has none.
 */
export async function findRunConfiguration(project: string, named: string | undefined, cwd: string): Promise<string | null> {
  const name = named ?? DEFAULT_NAME;
  for (const candidate of candidates(project, name, cwd)) if (await isFile(candidate)) return candidate;
  if (named === undefined) return null;
  throw new NotFound(`There is no run configuration "${named}" in ${project}.${await others(project, named)}`);
}

function candidates(project: string, name: string, cwd: string): string[] {
  const names = name.endsWith(EXTENSION) ? [name] : [`${name}${EXTENSION}`, name];
  const folders = CONFIGURATION_FOLDERS.map((folder) => join(project, folder));
  const inFolders = folders.flatMap((folder) => names.map((file) => resolve(folder, file)));
  return name.includes("/") || name.endsWith(EXTENSION)
    ? [...inFolders, ...names.flatMap((file) => [resolve(project, file), resolve(cwd, file)])]
    : inFolders.filter((file) => file.endsWith(EXTENSION));
}

async function others(project: string, named: string): Promise<string> {
  const names = (await Promise.all(CONFIGURATION_FOLDERS.map((folder) => configurationNames(join(project, folder))))).flat();
  if (names.length === 0) return " `switchyard folder attach` writes templates.";
  const near = nearestOf(named, names);
  return near ? ` Did you mean ${near}?` : ` There are ${names.join(", ")}.`;
}

async function configurationNames(folder: string): Promise<string[]> {
  const files = await readdir(folder).catch(() => []);
  return files.filter((file) => file.endsWith(EXTENSION)).map((file) => file.slice(0, -EXTENSION.length));
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isFile() === true;
}
