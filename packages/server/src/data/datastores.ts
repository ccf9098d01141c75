import { realpath, stat } from "node:fs/promises";
import { isAbsolute, relative, resolve, sep } from "node:path";
import type { BlobStorage } from "@switchyard/artifacts";
import {
  BadRequest,
  Conflict,
  DATASTORE_SETTINGS,
  DATASTORE_TYPES,
  type Datastore,
  type DatastoreSecret,
  Forbidden,
  type JsonObject,
  type NewDatastore,
  NotFound,
  NotImplemented,
  type RegistrableKind,
} from "@switchyard/protocol";
import type { DatastoreRecord, Store } from "@switchyard/store";
import type { SecretBox } from "../computes/secretBox.ts";
import { nearest } from "../config/nearest.ts";
import { AzureBlobStorage, type AzureContainer } from "./azureBlobStorage.ts";
import { FolderStorage } from "./folderStorage.ts";
import { ManagedStorage } from "./managedStorage.ts";
import type { Mirrors } from "./mirrors.ts";
import type { DatastoreStorage } from "./storage.ts";

export interface DatastoreParts {
  readonly store: Store;
  readonly blobs: BlobStorage;
  readonly box: SecretBox;
  /** folders of this machine below which datastores may lie */
  readonly roots: readonly string[];
  readonly mirrors: Mirrors;
  readonly fetchLimitBytes: number;
}

const FEATURE = "switchyard datastores of this kind";
const ownerOf = (workspace: string, name: string) => `datastore ${workspace}/${name.toLowerCase()}`;

/** What people do to datastores, and how each is read. */
export class Datastores {
  readonly #parts: DatastoreParts;

  constructor(parts: DatastoreParts) {
    this.#parts = parts;
  }

  async list(workspace: string): Promise<Datastore[]> {
    const { datastores } = this.#parts.store;
    const byDefault = await datastores.defaultName(workspace);
    return (await datastores.list(workspace)).map((record) => present(record, byDefault));
  }

  async show(workspace: string, name: string): Promise<Datastore> {
    const record = await this.record(workspace, name);
    return present(record, await this.#parts.store.datastores.defaultName(workspace));
  }

  /** The record of a name, or of the default when there is none. */
  async record(workspace: string, name: string | null): Promise<DatastoreRecord> {
    const { datastores } = this.#parts.store;
    const asked = name === null || name === "" ? await datastores.defaultName(workspace) : name;
    const record = await datastores.get(workspace, asked);
    if (record !== undefined) return record;
    const known = (await datastores.list(workspace)).map((each) => each.name);
    const near = nearest(asked, known);
    throw new NotFound(
      `There is no datastore "${asked}" in workspace "${workspace}". ${near === null ? `There are: ${known.join(", ")}.` : `Did you mean "${near}"?`}`,
      { details: { nearest: near } },
    );
  }

  async register(workspace: string, given: NewDatastore, createdBy: string | null): Promise<Datastore> {
    const { store, box } = this.#parts;
    const { name, kind, overwrite } = given;
    const taken = await store.datastores.get(workspace, name);
    if (taken?.kind === "managed") throw new Conflict(`"${taken.name}" is a datastore that every workspace has. Choose another name.`);
    const settings = readSettings(kind, given.settings);
    if (kind === "folder") await this.#requireFolder(String(settings.path));
    const secret = Object.fromEntries(Object.entries(given.secret ?? {}).filter(([, value]) => value != null && value !== ""));
    const sealed = Object.keys(secret).length === 0 ? null : await box.seal(secret, ownerOf(workspace, name));
    const record = { workspace, name, kind, settings, secret: sealed, createdBy, createdAt: new Date() };
    await store.datastores.register(record, overwrite);
    return this.show(workspace, name);
  }

  async unregister(workspace: string, name: string): Promise<void> {
    const record = await this.record(workspace, name);
    if (record.kind === "managed") {
      throw new Conflict(`"${record.name}" is a datastore that every workspace has, so it stays. To empty it, remove its files.`);
    }
    await this.#parts.store.datastores.unregister(workspace, record.name);
  }

  async setDefault(workspace: string, name: string): Promise<Datastore> {
    const record = await this.record(workspace, name);
    await this.#parts.store.datastores.setDefault(workspace, record.name);
    return this.show(workspace, record.name);
  }

  async credentials(workspace: string, name: string): Promise<JsonObject> {
    const record = await this.record(workspace, name);
    if (record.secret === null) throw new NotFound(`The datastore "${record.name}" has no stored credentials.`);
    return this.#secretOf(record) as JsonObject;
  }

  /** How the files of a datastore are reached. Throws NotImplemented, by name, for kinds that are only records. */
  async open(record: DatastoreRecord): Promise<DatastoreStorage> {
    const { store, blobs, mirrors, fetchLimitBytes } = this.#parts;
    const { workspace, name, kind, settings } = record;
    switch (kind) {
      case "managed":
        return new ManagedStorage(store.datastoreFiles, blobs, workspace, name);
      case "folder": {
        const path = String(settings.path);
        await this.#requireFolder(path);
        return new FolderStorage(path, `datastore "${name}"`);
      }
      case "azureBlob":
        return new AzureBlobStorage(name, containerOf(settings), this.#secretOf(record), mirrors, fetchLimitBytes);
      default:
        throw new NotImplemented(`${whyNot(kind)} (datastore "${name}")`, { details: { feature: FEATURE, kind } });
    }
  }

  /** A datastore that can be used so, by its own spelling. */
  async require(workspace: string, name: string | null, use: "read" | "write"): Promise<string> {
    const record = await this.record(workspace, name);
    const storage = await this.open(record);
    if (use === "write" && storage.write === undefined && record.kind !== "managed") {
      throw new NotImplemented(`Datastore "${record.name}" (${record.kind}) can only be read in this version.`);
    }
    return record.name;
  }

  #secretOf({ secret, workspace, name }: DatastoreRecord): DatastoreSecret {
    return secret === null ? {} : this.#parts.box.open<DatastoreSecret>(secret, ownerOf(workspace, name));
  }

  /** The operator's word is needed each time: a link, or the setting, may have changed since it was registered. */
  async #requireFolder(path: string): Promise<void> {
    const { roots } = this.#parts;
    if (roots.length === 0) {
      throw new Forbidden("This server has no folders for datastores. Its operator names them in the setting datastoreRoots.");
    }
    const real = await realpath(path).catch(() => null);
    if (real === null || !(await stat(real)).isDirectory()) throw new BadRequest(`There is no folder ${path} on the server's machine.`);
    for (const root of roots) {
      const inside = relative(await realpath(root).catch(() => resolve(root)), real);
      if (inside !== ".." && !inside.startsWith(`..${sep}`) && !isAbsolute(inside)) return;
    }
    throw new Forbidden(`${path} is not below a folder that the operator allows (${roots.join(", ")}).`);
  }
}

function readSettings(kind: RegistrableKind, given: JsonObject): JsonObject {
  const parsed = DATASTORE_SETTINGS[kind].safeParse(given);
  if (parsed.success) return Object.fromEntries(Object.entries(parsed.data).filter(([, value]) => value != null)) as JsonObject;
  const [issue] = parsed.error.issues;
  throw new BadRequest(`settings.${issue?.path.join(".") ?? ""} of a datastore of the kind ${kind}: ${issue?.message}`);
}

function containerOf({ accountName, containerName, endpoint, protocol }: JsonObject): AzureContainer {
  const text = (value: unknown) => (typeof value === "string" ? value : null);
  return { accountName: String(accountName), containerName: String(containerName), endpoint: text(endpoint), protocol: text(protocol) };
}

/** The kinds whose files this version cannot reach, in words. */
function whyNot(kind: string): string {
  const known = DATASTORE_TYPES[kind as RegistrableKind] ?? kind;
  return `Datastores of the kind ${known} are kept as records only: this version reads files that it keeps itself, folders and Azure Blob containers.`;
}

function present(record: DatastoreRecord, byDefault: string): Datastore {
  const { name, kind, settings, secret, createdAt } = record;
  const reaches = kind === "managed" || kind === "folder" || kind === "azureBlob";
  const writable = kind === "managed" || kind === "folder" || (kind === "azureBlob" && secret !== null);
  return {
    name,
    kind,
    datastoreType: kind === "managed" ? (name === "workspacefilestore" ? "AzureFile" : "AzureBlob") : DATASTORE_TYPES[kind],
    isDefault: name === byDefault,
    builtIn: kind === "managed",
    settings: { ...settings },
    hasCredentials: secret !== null,
    readable: reaches,
    writable,
    because: reaches ? (writable ? null : "It has no credentials, so it can only be read.") : whyNot(kind),
    createdUtc: createdAt?.toISOString() ?? null,
  };
}
