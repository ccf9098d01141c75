import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeStandIn, STAND_IN_NAMES, standInVersion } from "@switchyard/protocol";
import type { SiteFolders } from "../site/siteFolders.ts";
import { explainDiskError } from "./diskErrors.ts";

/** The folders that the supervisor's files and the Python client are taken from. */
export interface ToolkitSource {
  readonly supervisor: string;
  readonly python: string;
}

/** What every job needs and none changes, once per site and version; job directories link to it. */
export interface Toolkit {
  readonly folder: string;
  /** names of the supervisor's files */
  readonly supervisorFiles: readonly string[];
}

export const TOOLKIT_LAYOUT = { supervisor: "supervisor", python: "python", wheels: "wheels" } as const;

/** The tools as they are here, to be placed on a site. */
export interface Tools {
  /** the name of their folder on a site */
  readonly version: string;
  readonly files: readonly ToolFile[];
  readonly supervisorFiles: readonly string[];
}

export interface ToolFile {
  /** below the toolkit's folder */
  readonly path: string;
  readonly content: Uint8Array;
}

/** Finds or makes the site's copy of the tools. Makes it under another name first, so that a half-written one is never used. */
export class ToolkitMaker {
  readonly #source: ToolkitSource;
  #known: Tools | undefined;

  constructor(source: ToolkitSource) {
    this.#source = source;
  }

  async on(site: SiteFolders): Promise<Toolkit> {
    this.#known ??= await readTools(this.#source);
    const { files, version, supervisorFiles } = this.#known;
    const folder = join(site.toolkits, version);
    if (!existsSync(folder)) await make(folder, files, site);
    return { folder, supervisorFiles };
  }
}

/** The name of the folder that these tools have on a site. */
export const toolkitVersion = async (source: ToolkitSource): Promise<string> => (await readTools(source)).version;

/** Reads the tools from where they lie here. */
export async function readTools({ supervisor, python }: ToolkitSource): Promise<Tools> {
  const files = [
    ...(await readFiles(supervisor, TOOLKIT_LAYOUT.supervisor, false)),
    ...(await readFiles(python, TOOLKIT_LAYOUT.python, true)),
    ...standIns(),
  ];
  const hash = createHash("sha256");
  for (const { path, content } of files) hash.update(`${path}\0${content.length}\0`).update(content);
  const prefix = `${TOOLKIT_LAYOUT.supervisor}/`;
  const supervisorFiles = files.filter((file) => file.path.startsWith(prefix)).map((file) => file.path.slice(prefix.length));
  return { files, supervisorFiles, version: hash.digest("hex").slice(0, 16) };
}

/** Tests would shadow a user's own package `tests`; the rest is made by Python or hidden. */
const isLeftOut = (name: string): boolean => name.startsWith(".") || ["tests", "__pycache__"].includes(name) || name.endsWith(".pyc");

async function readFiles(folder: string, as: string, deep: boolean): Promise<ToolFile[]> {
  const files: ToolFile[] = [];
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const from = join(folder, entry.name);
    const path = `${as}/${entry.name}`;
    if (isLeftOut(entry.name)) continue;
    if (entry.isDirectory() && deep) files.push(...(await readFiles(from, path, deep)));
    else if (entry.isFile()) files.push({ path, content: await readFile(from) });
  }
  return files;
}

/** For the vendor's packages, as far as nobody asks for another version (environmentFiles). */
function standIns(): ToolFile[] {
  return STAND_IN_NAMES.map((name) => {
    const { file, bytes } = makeStandIn(name, standInVersion(name));
    return { path: `${TOOLKIT_LAYOUT.wheels}/${file}`, content: bytes };
  });
}

async function make(folder: string, files: readonly ToolFile[], site: SiteFolders): Promise<void> {
  const staging = join(site.staging, `toolkit.${randomBytes(6).toString("hex")}`);
  try {
    for (const name of Object.values(TOOLKIT_LAYOUT)) await mkdir(join(staging, name), { recursive: true });
    for (const { path, content } of files) {
      const to = join(staging, path);
      await mkdir(dirname(to), { recursive: true });
      await writeFile(to, content);
      await chmod(to, path === `${TOOLKIT_LAYOUT.supervisor}/supervise` ? 0o755 : 0o644);
    }
    await mkdir(site.toolkits, { recursive: true });
    await rename(staging, folder);
  } catch (error) {
    await rm(staging, { recursive: true, force: true });
    if (!existsSync(folder)) throw explainDiskError(error, site.root); // else somebody else was faster
  }
}
