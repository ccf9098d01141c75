import type { Flag, JsonText, Millis } from "./columns.ts";

/** A model: a name with versions. */
export interface ModelRow {
  id: string;
  workspace: string;
  name: string;
  description: string | null;
  /** the newest version that was ever given; counted inside the transaction that makes the version */
  last_version: number;
  created_at: Millis;
  updated_at: Millis;
}

export interface ModelAliasRow {
  model_id: string;
  alias: string;
  version: number;
}

export interface ModelVersionRow {
  model_id: string;
  version: number;
  workspace: string;
  description: string | null;
  framework: string | null;
  framework_version: string | null;
  run_id: string | null;
  experiment: string | null;
  run_path: string | null;
  source: string | null;
  location: string | null;
  run_link: string | null;
  logged_model_id: string | null;
  stage: string;
  /** the file or folder that the files lie at or below; null while none are here */
  path: string | null;
  files: number | null;
  bytes: number | null;
  details: JsonText;
  created_by: string | null;
  created_at: Millis;
  updated_at: Millis;
}

export interface ModelFileRow {
  model_id: string;
  version: number;
  path: string;
  sha256: string;
  size: number;
}

/** A tag or property of a version; a tag with version 0 is the model's. */
export interface ModelLabelRow {
  model_id: string;
  version: number;
  name: string;
  value: string;
}

/** A web service. */
export interface ServiceRow {
  id: string;
  workspace: string;
  name: string;
  /** null once it is being deleted: the name is free again */
  live_name: string | null;
  /** the server that looks after it */
  instance: string;
  state: string;
  error: JsonText | null;
  description: string | null;
  tags: JsonText;
  properties: JsonText;
  environment: JsonText | null;
  sealed: string | null;
  starts: number;
  job_id: string | null;
  handle: JsonText | null;
  port: number | null;
  was_healthy: Flag;
  healthy_since: Millis | null;
  failures: number;
  retry_at: Millis | null;
  left_jobs: JsonText;
  cursors: JsonText;
  created_by: string | null;
  created_at: Millis;
  modified_at: Millis;
  deleted_at: Millis | null;
  version: number;
  /** last, because it is the longest */
  definition: JsonText;
}

/** A version of a model that a service uses. */
export interface ServiceModelRow {
  service_id: string;
  model_id: string;
  version: number;
  workspace: string;
}

/** The tables of models, their versions, and the web services that use them. */
export interface ModelsTables {
  models: ModelRow;
  model_aliases: ModelAliasRow;
  model_versions: ModelVersionRow;
  model_files: ModelFileRow;
  model_tags: ModelLabelRow;
  model_properties: ModelLabelRow;
  services: ServiceRow;
  service_models: ServiceModelRow;
}
