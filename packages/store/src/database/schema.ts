import type { Generated } from "kysely";

/** An instant: milliseconds since 1970 UTC. */
type Millis = number;
/** A truth value: 0 or 1, the same on every database. */
type Flag = number;
/** JSON as text. */
type JsonText = string;

export interface WorkspaceRow {
  name: string;
  id: string;
  created_at: Millis;
  details: JsonText;
}

export interface ExperimentRow {
  id: string;
  workspace: string;
  name: string;
  /** the number of the newest run; counted inside the transaction that makes the run */
  last_number: number;
  created_at: Millis;
  /** when its name, tags or stage last changed; null: never since it was made */
  changed_at: Millis | null;
  /** when it was archived, which MLflow calls deleted; it can be brought back */
  deleted_at: Millis | null;
  /** where MLflow clients put artifacts of its runs when that is not here */
  artifact_location: string | null;
}

/** A name and a value of something. */
interface PairRow {
  name: string;
  value: string;
}

export interface RunRow {
  id: string;
  number: number;
  workspace: string;
  experiment: string;
  parent_id: string | null;
  root_id: string;
  type: string;
  display_name: string | null;
  description: string | null;
  submitted_by: string | null;
  target: string;
  snapshot_id: string | null;
  environment_name: string | null;
  environment_version: string | null;
  may_prepare: Flag;
  state: string;
  outcome: string | null;
  error: JsonText | null;
  warnings: JsonText;
  preparing: Flag;
  unreachable_since: Millis | null;
  missing_since: Millis | null;
  cancel_requested_at: Millis | null;
  cancel_grace_seconds: number;
  cancel_sent_at: Millis | null;
  cancel_reason: JsonText | null;
  failure: JsonText | null;
  job_id: string | null;
  launches: number;
  handle: JsonText | null;
  waits_for: string | null;
  attempts: JsonText;
  left_jobs: JsonText;
  sealed_secrets: string | null;
  created_at: Millis;
  started_at: Millis | null;
  ended_at: Millis | null;
  removed_at: Millis | null;
  /** somebody wants what it left on its compute to go, however long such things are kept */
  clean_requested_at: Millis | null;
  version: number;
  /** derived at every write: the status people see, so that lists can filter and sort by it */
  status: string;
  /** derived at every write: `open` (not ended), `removable` (ended, its directory is still there) or null */
  attention: string | null;
  /** the server instance that looks after the run */
  owner: string | null;
  /** archived with its experiment or deleted by an MLflow client, who may restore it: lists leave it out */
  deleted_at: Millis | null;
  /** last, because it is the longest */
  definition: JsonText;
}

export interface TagRow {
  run_id: string;
  name: string;
  value: string | null;
}

export interface PropertyRow {
  run_id: string;
  name: string;
  value: string;
}

export interface TimelineRow {
  id: Generated<number>;
  run_id: string;
  at: Millis;
  attempt: number | null;
  what: string;
  detail: string | null;
}

export interface CursorRow {
  run_id: string;
  attempt: number;
  file: string;
  offset: number;
  lines_skipped: number;
}

/** One row per run whose update makes takers of that run wait for each other. */
export interface TakeRow {
  run_id: string;
  takes: number;
}

export interface ResumeRow {
  run_id: string;
  attempt: number;
}

export interface SeriesRow {
  id: Generated<number>;
  run_id: string;
  /** `script`: what the run logged; `host`: what the sampler measured */
  origin: string;
  name: string;
  attempt: number;
  kind: string;
  count: number;
  non_finite: number;
  min: number | null;
  max: number | null;
  last: JsonText | null;
  /** the last value when it is a finite number: what lists sort and filter by */
  last_number: number | null;
  /** the last value of a curve of numbers as MLflow's searches compare it: an infinite one is the greatest there is, NaN is none */
  sort_number: number | null;
  /** the step of the last value: of numbers, the last is the one with the greatest step, then time, then value */
  last_step: number | null;
  last_time: Millis | null;
  /** of any point; null when points were logged before this was kept */
  newest_time: Millis | null;
  /** no later attempt has this series */
  is_latest: Flag;
  /** index of the first point of the newest chunk */
  tail_first: number;
}

export interface ChunkRow {
  series_id: number;
  first_index: number;
  count: number;
  bytes: Uint8Array;
}

/** A dataset that an MLflow client said a run reads. */
export interface TrackedDatasetRow {
  id: string;
  experiment_id: string;
  name: string;
  digest: string;
  source_type: string;
  source: string;
  schema: string | null;
  profile: string | null;
}

export interface RunInputRow {
  run_id: string;
  dataset_id: string;
  /** its tag `mlflow.data.context`: training, eval, … */
  context: string | null;
  tags: JsonText;
}

/** A model that an MLflow client logged; its files lie with its source run. */
export interface LoggedModelRow {
  id: string;
  workspace: string;
  experiment_id: string;
  name: string;
  type: string | null;
  source_run_id: string | null;
  status: string;
  status_message: string | null;
  created_at: Millis;
  changed_at: Millis;
  deleted_at: Millis | null;
}

export interface LoggedModelMetricRow {
  model_id: string;
  run_id: string;
  name: string;
  step: number;
  time: Millis;
  value: JsonText;
  number: number | null;
  dataset_name: string;
  dataset_digest: string;
}

export interface RunModelRow {
  run_id: string;
  direction: "input" | "output";
  model_id: string;
  step: number;
}

export interface EnvironmentRow {
  workspace: string;
  name: string;
  version: number;
  hash: string;
  created_at: Millis;
  definition: JsonText;
}

export interface ComputeRow {
  id: string;
  workspace: string;
  name: string;
  /** the name in lower case: names are compared without regard to case */
  name_key: string;
  type: string;
  attached: Flag;
  /** what is attached, in one spelling, so that nothing is attached twice; null where that cannot happen */
  resource: string | null;
  settings: JsonText;
  /** encrypted */
  secret: string | null;
  provisioning_state: string;
  provisioning_errors: JsonText;
  /** when the provisioning state last changed */
  provisioning_at: Millis;
  /** what whoever looks after it has found out or decided */
  facts: JsonText;
  tags: JsonText;
  description: string | null;
  location: string | null;
  created_by: string | null;
  created_at: Millis;
  modified_at: Millis;
  version: number;
}

/** A node of a managed cluster. */
export interface ComputeNodeRow {
  id: string;
  compute_id: string;
  workspace: string;
  vm_priority: string;
  /** what it counts of the quota */
  cores: number;
  state: string;
  /** in this state since */
  since: Millis;
  because: string | null;
  run_id: string | null;
  job_id: string | null;
  /** which of its run's nodes it is, from 0 */
  place: number | null;
  hold: string | null;
  address: JsonText;
  variables: JsonText;
  created_at: Millis;
  version: number;
}

/** What is known of a managed cluster beside what people said of it. */
export interface ComputeClusterRow {
  compute_id: string;
  /** the server that drives it until `held_until`, on the database's clock */
  holder: string | null;
  held_until: Millis;
  allocation: JsonText | null;
}

export interface SnapshotRow {
  id: string;
  workspace: string;
  root: string;
  files: number;
  bytes: number;
  created_at: Millis;
}

export interface TokenRow {
  id: string;
  secret_sha256: string;
  scope: string;
  run_id: string | null;
  user_name: string | null;
  note: string;
  created_at: Millis;
  expires_at: Millis | null;
  revoked_at: Millis | null;
}

export interface ChangeRow {
  id: number;
  kind: string;
  workspace: string;
  run_id: string;
  names: JsonText;
}

export interface CounterRow {
  name: string;
  value: number;
}

export interface IdempotencyRow {
  key: string;
  request_hash: string;
  result: JsonText;
  created_at: Millis;
}

export interface LeaseRow {
  owner: string;
  expires_at: Millis;
}

export interface SettingRow {
  name: string;
  value: JsonText;
}

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

export interface SecretRow {
  workspace: string;
  /** the name in lower case: names are compared without regard to case */
  name_key: string;
  name: string;
  /** encrypted */
  sealed: string;
  created_at: Millis;
  modified_at: Millis;
}

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

export interface SweepRow {
  run_id: string;
  workspace: string;
  /** how many entries its journal has */
  entries: number;
  /** it has yet to come to its end */
  is_open: Flag;
  /** the server that drives it until `held_until`, on the database's clock */
  holder: string | null;
  held_until: Millis;
  created_at: Millis;
}

export interface SweepEntryRow {
  run_id: string;
  number: number;
  at: Millis;
  entry: JsonText;
}

export interface RunDataRow {
  run_id: string;
  data: JsonText;
}

/** Every table of the database, as the newest migration leaves it. */
export interface Schema {
  workspaces: WorkspaceRow;
  experiments: ExperimentRow;
  experiment_tags: PairRow & { experiment_id: string };
  runs: RunRow;
  run_tags: TagRow;
  run_properties: PropertyRow;
  run_params: PairRow & { run_id: string };
  run_inputs: RunInputRow;
  run_models: RunModelRow;
  run_timeline: TimelineRow;
  run_cursors: CursorRow;
  run_takes: TakeRow;
  run_resumes: ResumeRow;
  metric_series: SeriesRow;
  metric_chunks: ChunkRow;
  tracked_datasets: TrackedDatasetRow;
  logged_models: LoggedModelRow;
  logged_model_tags: PairRow & { model_id: string };
  logged_model_params: PairRow & { model_id: string };
  logged_model_metrics: LoggedModelMetricRow;
  environments: EnvironmentRow;
  computes: ComputeRow;
  compute_nodes: ComputeNodeRow;
  compute_clusters: ComputeClusterRow;
  snapshots: SnapshotRow;
  datastores: DatastoreRow;
  default_datastores: DefaultDatastoreRow;
  datastore_files: DatastoreFileRow;
  fetched_files: FetchedFileRow;
  datasets: DatasetRow;
  dataset_versions: DatasetVersionRow;
  run_data: RunDataRow;
  sweeps: SweepRow;
  sweep_entries: SweepEntryRow;
  tokens: TokenRow;
  changes: ChangeRow;
  counters: CounterRow;
  idempotency: IdempotencyRow;
  leases: LeaseRow;
  settings: SettingRow;
  models: ModelRow;
  model_aliases: ModelAliasRow;
  model_versions: ModelVersionRow;
  model_files: ModelFileRow;
  model_tags: ModelLabelRow;
  model_properties: ModelLabelRow;
  secrets: SecretRow;
  services: ServiceRow;
  service_models: ServiceModelRow;
}
