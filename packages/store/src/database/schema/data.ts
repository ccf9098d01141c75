import type { JsonText, Millis } from "./columns.ts";

export interface DatastoreRow {
  workspace: string;
  /** the name in lower case: names are compared without regard to case */
  name_key: string;
  name: string;
  kind: string;
  settings: JsonText;
  /** encrypted */
  secret: string | null;
  created_by: string | null;
  created_at: Millis;
}

export interface DefaultDatastoreRow {
  workspace: string;
  name_key: string;
}

/** A file that the server keeps for a datastore: a path and the blob there. */
export interface DatastoreFileRow {
  workspace: string;
  /** the key of its name */
  datastore: string;
  path: string;
  sha256: string;
  size: number;
  modified_at: Millis;
}

/** A file that lies elsewhere and was brought here: good as long as its validator is the same. */
export interface FetchedFileRow {
  address: string;
  validator: string;
  sha256: string;
  size: number;
  fetched_at: Millis;
}

export interface DatasetRow {
  id: string;
  workspace: string;
  definition_hash: string;
  definition: JsonText;
  created_at: Millis;
}

export interface DatasetVersionRow {
  workspace: string;
  name: string;
  version: number;
  dataset_id: string;
  description: string | null;
  tags: JsonText;
  state: string;
  deprecated_by: string | null;
  registered_at: Millis;
}

/** The tables of datastores and datasets. */
export interface DataTables {
  datastores: DatastoreRow;
  default_datastores: DefaultDatastoreRow;
  datastore_files: DatastoreFileRow;
  fetched_files: FetchedFileRow;
  datasets: DatasetRow;
  dataset_versions: DatasetVersionRow;
}
