import { z } from "zod";
import { jsonObject } from "../json.ts";
import { instant } from "../run/run.ts";
import { sha256 } from "../snapshot/tree.ts";
import { datastoreName } from "./names.ts";

const word = z.string().min(1).max(2000);
const optionalWord = word.nullish();
const server = { serverName: word, databaseName: word, endpoint: optionalWord, portNumber: z.coerce.string().nullish() };
const azure = { endpoint: optionalWord, protocol: optionalWord, subscriptionId: optionalWord, resourceGroup: optionalWord };
const application = { tenantId: optionalWord, clientId: optionalWord, resourceUrl: optionalWord, authorityUrl: optionalWord };

/** What is said of a datastore of each kind. Credentials are no part of it. */
export const DATASTORE_SETTINGS = {
  /** a folder of the server's machine or of a disk that it shares */
  folder: z.strictObject({ path: z.string().startsWith("/", "the path of a folder is absolute") }),
  azureBlob: z.strictObject({ accountName: word, containerName: word, ...azure }),
  azureFile: z.strictObject({ accountName: word, fileShareName: word, ...azure }),
  azureDataLake: z.strictObject({ storeName: word, ...azure, ...application }),
  azureDataLakeGen2: z.strictObject({ accountName: word, filesystem: word, ...azure, ...application }),
  azureSqlDatabase: z.strictObject({ ...server, ...azure, ...application, username: optionalWord }),
  azurePostgreSql: z.strictObject({ ...server, userId: optionalWord, enforceSsl: z.boolean().nullish() }),
  azureMySql: z.strictObject({ ...server, userId: optionalWord }),
  dbfs: z.strictObject({}),
} as const;
export type RegistrableKind = keyof typeof DATASTORE_SETTINGS;
/** `managed`: the server keeps the files itself, as blobs. */
export type DatastoreKind = RegistrableKind | "managed";
export const REGISTRABLE_KINDS = Object.keys(DATASTORE_SETTINGS) as readonly RegistrableKind[];

/** The words that v1 has for kinds. */
export const DATASTORE_TYPES: Readonly<Record<RegistrableKind, string>> = {
  folder: "Folder",
  azureBlob: "AzureBlob",
  azureFile: "AzureFile",
  azureDataLake: "AzureDataLake",
  azureDataLakeGen2: "AzureDataLakeGen2",
  azureSqlDatabase: "AzureSqlDatabase",
  azurePostgreSql: "AzurePostgreSql",
  azureMySql: "AzureMySql",
  dbfs: "DBFS",
};

/** Sealed by the server; given out by getDatastoreCredentials alone. */
export const datastoreSecret = z.strictObject({
  accountKey: z.string().nullish(),
  sasToken: z.string().nullish(),
  clientSecret: z.string().nullish(),
  password: z.string().nullish(),
});
export type DatastoreSecret = z.infer<typeof datastoreSecret>;

export const newDatastore = z.object({
  name: datastoreName,
  kind: z.enum(REGISTRABLE_KINDS as unknown as [RegistrableKind, ...RegistrableKind[]]),
  settings: jsonObject.default({}),
  secret: datastoreSecret.optional(),
  /** replace the record of this name; its storage is left as it is */
  overwrite: z.boolean().default(false),
});
export type NewDatastore = z.infer<typeof newDatastore>;

export const datastore = z.object({
  name: datastoreName,
  kind: z.string(),
  /** v1's word for it: `AzureBlob`, … */
  datastoreType: z.string(),
  isDefault: z.boolean(),
  /** every workspace has it, so it cannot be unregistered */
  builtIn: z.boolean(),
  settings: jsonObject,
  hasCredentials: z.boolean(),
  readable: z.boolean(),
  writable: z.boolean(),
  /** why it cannot be read or written here, in words; null when it can be both */
  because: z.string().nullable(),
  createdUtc: instant.nullable(),
});
export type Datastore = z.infer<typeof datastore>;

export const datastoreFile = z.object({
  path: z.string(),
  size: z.int(),
  modifiedUtc: instant.nullable(),
  /** null where the server does not keep the bytes itself */
  sha256: sha256.nullable(),
});
export type DatastoreFile = z.infer<typeof datastoreFile>;
