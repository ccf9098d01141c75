import { cleanDataPath, type DataSource, folderOfGlob, globMatcher, isGlob } from "@switchyard/protocol";
import type { Datastores } from "./datastores.ts";
import type { DatastoreStorage, RemoteFile } from "./storage.ts";
import type { WebFiles } from "./webStorage.ts";

/** A file of a dataset: where it is, and the name it has where the dataset is mounted. */
export interface SourceFile {
  /** below the folder of the dataset */
  readonly path: string;
  readonly source: DataSource;
  readonly file: RemoteFile;
  /** names the file among all, for what was fetched before */
  readonly address: string;
  read(): AsyncIterable<Uint8Array>;
}

export interface Found {
  /** by name, each name once */
  readonly files: readonly SourceFile[];
  /** the one source is one file */
  readonly isFile: boolean;
}

/** What one source has: its files by their paths, and the folder that their names are relative to. */
interface FoundSource {
  readonly place: string;
  readonly folder: string;
  readonly files: readonly (Omit<SourceFile, "path" | "source"> & { readonly at: string; readonly source: DataSource })[];
  readonly isFile: boolean;
}

/**
 * The files of sources as they are now. Their names are relative to the folder of the source; with several sources, to the
 * folder that all have in common, and where they have none, they begin with the name of the datastore.
 */
export async function findSourceFiles(
  datastores: Datastores,
  web: WebFiles,
  workspace: string,
  sources: readonly DataSource[],
): Promise<Found> {
  const found: FoundSource[] = [];
  for (const source of sources) {
    found.push("url" in source ? await onWeb(web, source.url) : await onDatastore(datastores, workspace, source.datastore, source.path));
  }
  const [first] = found;
  const onePlace = found.every(({ place }) => place === first?.place);
  const common = onePlace ? commonFolder(found.map(({ folder }) => folder)) : "";
  const named = new Map<string, SourceFile>();
  for (const { place, files } of found) {
    for (const { at, ...file } of files) {
      const below = common === "" ? at : at.slice(common.length + 1);
      const path = onePlace ? below : `${place}/${below}`;
      if (!named.has(path)) named.set(path, { ...file, path });
    }
  }
  const files = [...named.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  return { files, isFile: found.length === 1 && first?.isFile === true };
}

async function onWeb(web: WebFiles, url: string): Promise<FoundSource> {
  const file = await web.stat(url);
  const { host, pathname } = new URL(url);
  const folder = cleanDataPath(safeFolder(pathname));
  const at = folder === "" ? file.path : `${folder}/${file.path}`;
  return {
    place: host.replace(/[^A-Za-z0-9.-]/g, "_"),
    folder,
    isFile: true,
    files: [{ at, file, source: { url }, address: url, read: () => web.read(url) }],
  };
}

function safeFolder(pathname: string): string {
  const folder = pathname.split("/").slice(0, -1).filter((part) => part !== ".."); // biome-ignore format: short
  return folder.join("/");
}

async function onDatastore(datastores: Datastores, workspace: string, name: string, asked: string): Promise<FoundSource> {
  const record = await datastores.record(workspace, name);
  const storage = await datastores.open(record);
  const path = cleanDataPath(asked);
  const { folder, files, isFile } = await select(storage, path, asked.endsWith("/"));
  return {
    ...{ place: record.name, folder, isFile },
    files: files.map((file) => ({
      ...{ at: file.path, file, address: storage.addressOf(file.path), source: { datastore: record.name, path: file.path } },
      read: () => storage.read(file.path),
    })),
  };
}

async function select(storage: DatastoreStorage, path: string, isFolder: boolean) {
  if (isGlob(path)) {
    const matches = globMatcher(path);
    const folder = folderOfGlob(path);
    return { folder, isFile: false, files: await all(storage, folder === "" ? "" : `${folder}/`, matches) };
  }
  const file = path === "" || isFolder ? null : await storage.stat(path);
  if (file !== null) return { folder: path.split("/").slice(0, -1).join("/"), isFile: true, files: [file] };
  return { folder: path, isFile: false, files: await all(storage, path === "" ? "" : `${path}/`, () => true) };
}

async function all(storage: DatastoreStorage, prefix: string, matches: (path: string) => boolean): Promise<RemoteFile[]> {
  const files: RemoteFile[] = [];
  for await (const file of storage.list(prefix)) if (matches(file.path)) files.push(file);
  return files;
}

function commonFolder(folders: readonly string[]): string {
  const [first = "", ...others] = folders;
  let parts = first === "" ? [] : first.split("/");
  for (const other of others) {
    const own = other.split("/");
    const differs = parts.findIndex((part, index) => part !== own[index]);
    if (differs >= 0) parts = parts.slice(0, differs);
  }
  return parts.join("/");
}
