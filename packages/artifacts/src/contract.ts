/**
 * Where bytes are kept: blobs by their SHA-256, and the files of runs by name. Backends differ in where the bytes lie
 * and keep the same promises, which `describeArtifacts` (`./testing`) asks of each.
 *
 * A process that is killed at any moment leaves every blob and every whole file either as it was or as it was to be.
 */
export interface ArtifactStorage {
  readonly blobs: BlobStorage;
  readonly runFiles: RunFileStorage;
  /** written once into the storage; the store keeps the same id, so that a server notices when the two do not belong together */
  readonly storageId: string;
}

/** Bytes `start` (counted from 0) up to, but not including, `end`; to the end of the file when `end` is absent. */
export interface ByteRange {
  readonly start: number;
  readonly end?: number;
}

export type Content = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

export interface BlobStat {
  readonly sha256: string;
  readonly size: number;
  readonly modified: Date;
}

/** One of many blobs on their way in; its content is read once, to its end. */
export interface ArrivingBlob {
  readonly sha256: string;
  readonly size: number;
  readonly content: Content;
}

/** Bytes known by their SHA-256: written once, never changed. */
export interface BlobStorage {
  /** Which of these are not stored, in the order asked, each once. */
  missing(sha256s: Iterable<string>): Promise<string[]>;
  /** Stores a blob; ChecksumMismatch, and nothing stored, when the bytes do not have this SHA-256. A blob that is there is left alone. */
  put(sha256: string, content: Content): Promise<void>;
  /** Stores bytes whose SHA-256 nobody knows yet, and tells it. */
  add(content: Content): Promise<{ readonly sha256: string; readonly size: number }>;
  /**
   * Stores many blobs as they arrive, and waits for the disk once for many of them; returns how many were new. Those before
   * one that does not match, or before the end of a transfer that breaks off, may be stored.
   */
  putMany(blobs: AsyncIterable<ArrivingBlob> | Iterable<ArrivingBlob>): Promise<number>;
  /** Streams a blob. NotFound, RangeNotSatisfiable. */
  read(sha256: string, range?: ByteRange): AsyncIterable<Uint8Array>;
  /** A small blob whole, checked against its SHA-256. NotFound; ChecksumMismatch when the storage damaged it. */
  readAll(sha256: string): Promise<Uint8Array>;
  size(sha256: string): Promise<number | null>;
  /** The size of a blob that is about to be named, which counts as put anew; null when it is not there. */
  keep(sha256: string): Promise<number | null>;
  /** Where the same bytes lie as a file of this machine, if they do: to be copied, never linked or changed. */
  localPath(sha256: string): string | null;
  /** Every blob, in no order. `modified` is when it was last put, even if it was there already. */
  list(): AsyncIterable<BlobStat>;
  /** Forgets a blob; one that is not there is not an error. */
  remove(sha256: string): Promise<void>;
}

export interface RunFileStat {
  readonly path: string;
  readonly size: number;
  readonly modified: Date;
  /** null for a file that grows */
  readonly sha256: string | null;
}

export interface WholeFile {
  readonly size: number;
  readonly sha256: string;
}

/** Files of runs by (run, path). A path is relative, with `/` between its parts; one that is not throws PathEscape. */
export interface RunFileStorage {
  /** Writes into a growing file at an absolute offset. Repeating a write is harmless; a gap before `offset` is a Conflict. */
  writeAt(runId: string, path: string, offset: number, bytes: Uint8Array): Promise<void>;
  /** How many bytes of a whole file that is being stored in pieces are there: where the next piece begins. */
  partialSize(runId: string, path: string): Promise<number>;
  /** Stores the next piece and returns the size reached. A piece that begins earlier replaces all after it; a gap is a Conflict. */
  writePart(runId: string, path: string, offset: number, content: Content): Promise<number>;
  /** Makes the pieces a file that can be read. Conflict when they are not `size` bytes. Finishing again is harmless. */
  finish(runId: string, path: string, size: number): Promise<WholeFile>;
  /** Stores a whole file. With `replace: false` a file of other bytes is left alone and a Conflict; default is to replace. */
  put(runId: string, path: string, content: Content, options?: { readonly replace?: boolean }): Promise<WholeFile>;
  stat(runId: string, path: string): Promise<RunFileStat | null>;
  /** Files whose path begins with `prefix`, by path. Pieces of unfinished files are not among them. */
  list(runId: string, prefix?: string): Promise<RunFileStat[]>;
  /** Streams a file as long as it is now. NotFound, RangeNotSatisfiable. */
  read(runId: string, path: string, range?: ByteRange): AsyncIterable<Uint8Array>;
  /**
   * Makes a file of a run a blob as well, as it is now; NotFound. Where the storage can, one that is whole is not copied, and
   * nothing that happens to the run's file later changes the blob.
   */
  keepAsBlob(runId: string, path: string): Promise<WholeFile>;
  /** Removes the file at this path, or every file below it; where there is none is not an error. */
  remove(runId: string, path: string): Promise<void>;
  /** Removes all files of a run; a run without files is not an error. */
  removeRun(runId: string): Promise<void>;
}
