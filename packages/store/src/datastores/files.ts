import { Conflict } from "@switchyard/protocol";
import type { Database, Queries } from "../database/database.ts";
import { inGroups } from "../database/groups.ts";
import { storable } from "../database/text.ts";
import { keyOf } from "./datastores.ts";

/** A file that the server keeps for a datastore. */
export interface StoredFile {
  readonly path: string;
  readonly sha256: string;
  readonly size: number;
  readonly modifiedAt: Date;
}
export type ArrivingFile = Pick<StoredFile, "path" | "sha256" | "size">;

/** What becomes of a file that is there with other bytes. */
export type Existing = "replace" | "skip" | "refuse";
export interface Added {
  readonly added: number;
  /** were there with the same bytes */
  readonly same: number;
  /** paths that were left as they are */
  readonly skipped: readonly string[];
}

const MOST_NAMED = 20;
/** greater than every text that goes on after a prefix */
const END = "\u{10FFFF}";

/** Files of the datastores that the server keeps itself: paths, and the blobs there; and files fetched from elsewhere. */
export class DatastoreFiles {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Puts all files there or none. Throws Conflict, naming them, when some are there with other bytes and `existing` is `refuse`. */
  async add(workspace: string, datastore: string, files: readonly ArrivingFile[], existing: Existing): Promise<Added> {
    const unique = [...new Map(files.map((file) => [file.path, file])).values()];
    return await this.#database.transact(async ({ db }) => {
      const there = await shaOf(db, workspace, datastore, unique.map(({ path }) => path)); // biome-ignore format: one thought
      const differing = unique.filter(({ path, sha256 }) => there.has(path) && there.get(path) !== sha256);
      if (differing.length > 0 && existing === "refuse") throw wouldReplace(datastore, differing);
      const skipped = new Set(existing === "skip" ? differing.map(({ path }) => path) : []);
      const wanted = unique.filter(({ path, sha256 }) => there.get(path) !== sha256 && !skipped.has(path));
      const now = Date.now();
      const rows = wanted.map((file) => ({ workspace, datastore: keyOf(datastore), ...file, path: storable(file.path), modified_at: now }));
      for (const group of inGroups(rows)) {
        await db
          .insertInto("datastore_files")
          .values(group)
          .onConflict((conflict) =>
            conflict.columns(["workspace", "datastore", "path"]).doUpdateSet((set) => ({
              sha256: set.ref("excluded.sha256"),
              size: set.ref("excluded.size"),
              modified_at: set.ref("excluded.modified_at"),
            })),
          )
          .execute();
      }
      return { added: wanted.length, same: unique.length - wanted.length - skipped.size, skipped: [...skipped] };
    });
  }

  async get(workspace: string, datastore: string, path: string): Promise<StoredFile | undefined> {
    const row = await filesOf(this.#database.db, workspace, datastore).where("path", "=", path).executeTakeFirst();
    return row && toFile(row);
  }

  /** By path, those that begin with `prefix`; `after` is the last path of the page before. */
  async list(
    workspace: string,
    datastore: string,
    { prefix = "", limit, after }: { readonly prefix?: string; readonly limit: number; readonly after?: string | undefined },
  ): Promise<StoredFile[]> {
    let query = filesOf(this.#database.db, workspace, datastore).orderBy("path").limit(limit);
    if (prefix !== "") query = query.where("path", ">=", prefix).where("path", "<", prefix + END);
    if (after !== undefined) query = query.where("path", ">", after);
    return (await query.execute()).map(toFile);
  }

  /** Removes the file of this path and all files below it; answers how many. Their blobs stay until they are collected. */
  async remove(workspace: string, datastore: string, path: string): Promise<number> {
    let query = this.#database.db
      .deleteFrom("datastore_files")
      .where("workspace", "=", workspace)
      .where("datastore", "=", keyOf(datastore));
    if (path !== "") {
      const below = `${path}/`;
      query = query.where((where) =>
        where.or([where("path", "=", path), where.and([where("path", ">=", below), where("path", "<", below + END)])]),
      );
    }
    return Number((await query.executeTakeFirst()).numDeletedRows);
  }

  /** Every blob that a file needs: what garbage collection must keep. */
  async blobs(): Promise<string[]> {
    const { db } = this.#database;
    const kept = await db.selectFrom("datastore_files").select("sha256").distinct().execute();
    return kept.map(({ sha256 }) => sha256);
  }

  /** What was fetched from an address, if its validator was this one. */
  async fetched(address: string, validator: string): Promise<{ readonly sha256: string; readonly size: number } | undefined> {
    return await this.#database.db
      .selectFrom("fetched_files")
      .select(["sha256", "size"])
      .where("address", "=", address)
      .where("validator", "=", validator)
      .executeTakeFirst();
  }

  async noteFetched(address: string, validator: string, file: { readonly sha256: string; readonly size: number }): Promise<void> {
    const row = { address, validator, sha256: file.sha256, size: file.size, fetched_at: Date.now() };
    await this.#database.db
      .insertInto("fetched_files")
      .values(row)
      .onConflict((conflict) => conflict.column("address").doUpdateSet(row))
      .execute();
  }
}

function filesOf(db: Queries, workspace: string, datastore: string) {
  return db.selectFrom("datastore_files").selectAll().where("workspace", "=", workspace).where("datastore", "=", keyOf(datastore));
}

async function shaOf(db: Queries, workspace: string, datastore: string, paths: readonly string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const group of inGroups(paths)) {
    for (const row of await filesOf(db, workspace, datastore).where("path", "in", group).execute()) found.set(row.path, row.sha256);
  }
  return found;
}

function wouldReplace(datastore: string, files: readonly ArrivingFile[]): Conflict {
  const [first] = files;
  const more = files.length === 1 ? "" : ` and ${files.length - 1} more`;
  return new Conflict(
    `Datastore "${datastore}" has "${first?.path}"${more} already, with other bytes. Say that they are to be overwritten, or choose another target path.`,
    { details: { paths: files.slice(0, MOST_NAMED).map(({ path }) => path) } },
  );
}

const toFile = (row: { path: string; sha256: string; size: number; modified_at: number }): StoredFile => ({
  path: row.path,
  sha256: row.sha256,
  size: row.size,
  modifiedAt: new Date(row.modified_at),
});
