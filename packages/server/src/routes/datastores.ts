import {
  BadRequest,
  cleanDataPath,
  type DatastoreFile,
  globMatcher,
  NotFound,
  NotImplemented,
  SnapshotIncomplete,
} from "@switchyard/protocol";
import type { RemoteFile } from "../data/storage.ts";
import { contentTypeOf } from "../http/contentType.ts";
import type { Handlers } from "../http/handler.ts";
import type { Parts } from "../parts.ts";

type Names =
  | "listDatastores"
  | "getDatastore"
  | "registerDatastore"
  | "unregisterDatastore"
  | "getDatastoreCredentials"
  | "getDefaultDatastore"
  | "setDefaultDatastore"
  | "listDatastoreFiles"
  | "readDatastoreFile"
  | "addDatastoreFiles"
  | "removeDatastoreFiles";

/** Datastores and the files on them. */
export function datastoreHandlers({ store, artifacts, data }: Parts): Pick<Handlers, Names> {
  const { datastores, keeper } = data;
  return {
    async listDatastores({ params }) {
      return await datastores.list(params.workspace);
    },
    async getDatastore({ params }) {
      return await datastores.show(params.workspace, params.name);
    },
    async registerDatastore({ params, body, caller }) {
      return await datastores.register(params.workspace, body, caller.user);
    },
    async unregisterDatastore({ params }) {
      await datastores.unregister(params.workspace, params.name);
    },
    async getDatastoreCredentials({ params }) {
      return await datastores.credentials(params.workspace, params.name);
    },
    async getDefaultDatastore({ params }) {
      return await datastores.show(params.workspace, await store.datastores.defaultName(params.workspace));
    },
    async setDefaultDatastore({ params, body }) {
      return await datastores.setDefault(params.workspace, body.name);
    },
    async listDatastoreFiles({ params, query }) {
      const storage = await datastores.open(await datastores.record(params.workspace, params.name));
      const matches = query.glob === undefined ? () => true : globMatcher(cleanDataPath(query.glob));
      const items: DatastoreFile[] = [];
      for await (const file of storage.list(query.prefix, query.after)) {
        if (!matches(file.path)) continue;
        items.push(shown(file));
        if (items.length > query.limit) return { items: items.slice(0, -1), next: items.at(-2)?.path ?? null };
      }
      return { items, next: null };
    },
    async readDatastoreFile({ params }) {
      const storage = await datastores.open(await datastores.record(params.workspace, params.name));
      const path = cleanDataPath(params.path);
      const file = await storage.stat(path);
      if (file === null) throw new NotFound(`Datastore "${params.name}" has no file "${path}".`);
      if (file.size === null) throw new BadRequest(`Nobody says how many bytes "${path}" of datastore "${params.name}" has.`);
      return { size: file.size, sha256: file.sha256, contentType: contentTypeOf(path), read: (range) => storage.read(path, range) };
    },
    async addDatastoreFiles({ params, body }) {
      const name = await datastores.require(params.workspace, params.name, "write");
      const record = await datastores.record(params.workspace, name);
      const files = body.files.map((file) => ({ ...file, path: fileName(file.path) }));
      const hashes = files.map(({ sha256 }) => sha256);
      await requireBlobs(await artifacts.blobs.missing(hashes));
      if (record.kind !== "managed") {
        if (body.existing === "refuse")
          throw new NotImplemented(`Datastore "${name}" (${record.kind}) takes files with existing: skip or replace.`);
        const { skipped } = await keeper.deliver(params.workspace, name, files, body.existing === "replace");
        return { added: files.length - skipped.length, same: 0, skipped: [...skipped] };
      }
      const added = await store.datastoreFiles.add(params.workspace, name, files, body.existing);
      // blobs that somebody else's garbage collection took in between have to be sent again
      await requireBlobs(await artifacts.blobs.missing(hashes));
      return { ...added, skipped: [...added.skipped] };
    },
    async removeDatastoreFiles({ params, body }) {
      const record = await datastores.record(params.workspace, params.name);
      if (record.kind !== "managed") {
        throw new NotImplemented(
          `The files of datastore "${record.name}" (${record.kind}) are not ours to remove. Remove them where they lie.`,
        );
      }
      return { removed: await store.datastoreFiles.remove(params.workspace, record.name, cleanDataPath(body.path)) };
    },
  };
}

function fileName(path: string): string {
  const clean = cleanDataPath(path);
  if (clean === "") throw new BadRequest(`"${path}" cannot be the path of a file on a datastore.`);
  return clean;
}

function requireBlobs(missing: readonly string[]): void {
  if (missing.length === 0) return;
  throw new SnapshotIncomplete(`${missing.length} of the files' blobs are not stored. Send them and try again.`, {
    details: { missing: missing.slice(0, 1000) },
  });
}

const shown = ({ path, size, sha256, modified }: RemoteFile): DatastoreFile => ({
  path,
  size: size ?? 0,
  sha256,
  modifiedUtc: modified?.toISOString() ?? null,
});
