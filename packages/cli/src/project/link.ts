import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { BadRequest } from "@switchyard/protocol/errors";

/** What `folder attach` wrote down: where runs of this folder belong. */
export interface ProjectLink {
  readonly workspace: string | null;
  readonly experiment: string | null;
}

/** Where the link lies, below the project folder. */
export const LINK_FILE = ".azureml/config.json";

const UNLINKED: ProjectLink = { workspace: null, experiment: null };

/** Where the older files of a project lie. They may be another program's: only one that names a workspace counts. */
const OLDER_FILES = ["aml_config/config.json", "config.json"];

/**
 * Reads the link of a project folder: `.azureml/config.json`, else the older `aml_config/project.json`, else the other
 * places in which `Workspace.from_config()` looks, so that the command line and Python mean the same workspace.
 */
export async function projectLink(folder: string): Promise<ProjectLink> {
  return (await linkWithFile(folder)).link;
}

/** The link of a project folder with the file that holds it, relative to the folder; null where there is none. */
export async function linkWithFile(folder: string): Promise<{ readonly link: ProjectLink; readonly file: string | null }> {
  const config = await readJson(join(folder, LINK_FILE));
  if (config) return { link: linkOf(config), file: LINK_FILE };
  const project = await readJson(join(folder, "aml_config", "project.json"));
  if (project) {
    const workspace = /\/workspaces\/([^/]+)/.exec(textOf(project.Scope) ?? "")?.[1] ?? null;
    return { link: { workspace, experiment: textOf(project.Id) }, file: "aml_config/project.json" };
  }
  for (const file of OLDER_FILES) {
    const older = await readJson(join(folder, file)).catch(() => null);
    if (older && textOf(older.workspace_name) !== null) return { link: linkOf(older), file };
  }
  return { link: UNLINKED, file: null };
}

const linkOf = (config: Record<string, unknown>): ProjectLink => ({
  workspace: textOf(config.workspace_name),
  experiment: textOf(config.experiment_name),
});

/**
 * Writes the link that `template` holds, with what else the file says already. False when it says all that already: then
 * it stays as it is.
 */
export async function writeLink(folder: string, template: string): Promise<boolean> {
  const file = join(folder, LINK_FILE);
  const wanted = JSON.parse(template) as Record<string, unknown>;
  const { workspace_name, experiment_name } = wanted;
  const there = await readJson(file);
  if (there !== null && there.workspace_name === workspace_name && there.experiment_name === experiment_name) return false;
  const next = there === null ? wanted : { ...there, workspace_name, experiment_name };
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(next, null, 2)}\n`);
  return true;
}

/** The experiment for runs of a folder: the one named, else the link's, else the folder's name made to fit. */
export async function experimentFor(folder: string, named: string | undefined): Promise<string> {
  return named ?? (await projectLink(folder)).experiment ?? experimentNamedAfter(folder);
}

/** A folder's name with what an experiment name may not hold replaced by `-`. */
export function experimentNamedAfter(folder: string): string {
  const name = basename(folder)
    .replace(/[^A-Za-z0-9_-]+/g, "-")
    .replace(/^[^A-Za-z0-9]+/, "")
    .replace(/-+$/, "")
    .slice(0, 256);
  return name === "" ? "experiment" : name;
}

async function readJson(file: string): Promise<Record<string, unknown> | null> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return null;
    throw error;
  }
  try {
    const json: unknown = JSON.parse(text.replace(/^\uFEFF/, ""));
    if (json !== null && typeof json === "object" && !Array.isArray(json)) return json as Record<string, unknown>;
  } catch (error) {
    throw new BadRequest(`"${file}" is not JSON: ${(error as Error).message}. Correct it, or delete it and attach the folder again.`, {
      cause: error,
    });
  }
  throw new BadRequest(`"${file}" does not hold a JSON object. Correct it, or delete it and attach the folder again.`);
}

function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
