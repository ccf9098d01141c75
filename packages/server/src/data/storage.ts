import type { ByteRange } from "@switchyard/artifacts";

/** A file on a datastore or on the web. */
export interface RemoteFile {
  /** on its datastore; for the web the name that follows from the address */
  readonly path: string;
  readonly size: number | null;
  readonly modified: Date | null;
  /** null where nobody has hashed it here */
  readonly sha256: string | null;
  /** what it was fetched from before is still good while this is the same; null: it must be fetched each time */
  readonly validator: string | null;
}

/** The files of one datastore, wherever they lie. */
export interface DatastoreStorage {
  /** names the place in the cache of what was fetched: one address, one file */
  addressOf(path: string): string;
  /** Files whose path begins with `prefix`, by path, after `after`. */
  list(prefix: string, after?: string): AsyncIterable<RemoteFile>;
  stat(path: string): Promise<RemoteFile | null>;
  /** Throws NotFound. */
  read(path: string, range?: ByteRange): AsyncIterable<Uint8Array>;
  /** Absent: this version cannot write there. */
  write?(path: string, file: { readonly size: number; read(): AsyncIterable<Uint8Array> }): Promise<void>;
}
