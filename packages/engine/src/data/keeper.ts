import type { DataSource } from "@switchyard/protocol";

/** A file that is a blob here: `path` is its name below the folder where a run finds it. */
export interface FrozenFile {
  readonly path: string;
  readonly sha256: string;
  readonly size: number;
}

/** What sources are at one moment. */
export interface Frozen {
  readonly files: readonly FrozenFile[];
  /** the sources are one file, and not a folder or pattern that happens to have one */
  readonly isFile: boolean;
}

/** Reads and writes datastores and the web for the engine; wired by the server, which knows where they are. */
export interface DataKeeper {
  /** The files of these sources, by name, each brought here unless its blob is. Throws NotFound for a datastore that is not there. */
  freeze(workspace: string, sources: readonly DataSource[]): Promise<Frozen>;
  /** Puts blobs on a datastore as files; without `overwrite`, those that are there with other bytes stay and are answered. */
  deliver(
    workspace: string,
    datastore: string,
    files: readonly FrozenFile[],
    overwrite: boolean,
  ): Promise<{ readonly skipped: readonly string[] }>;
  /** The datastore's own spelling of a name, or that of the default one. Throws NotFound, and NotImplemented where it cannot be used so. */
  require(workspace: string, name: string | null, use: "read" | "write"): Promise<string>;
}
