import type { JsonText, Millis, PairRow } from "./columns.ts";

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

export interface EnvironmentRow {
  workspace: string;
  name: string;
  version: number;
  hash: string;
  created_at: Millis;
  definition: JsonText;
}

export interface SnapshotRow {
  id: string;
  workspace: string;
  root: string;
  files: number;
  bytes: number;
  created_at: Millis;
}

/** The tables of workspaces, experiments, and what belongs to a workspace alone. */
export interface WorkspacesTables {
  workspaces: WorkspaceRow;
  experiments: ExperimentRow;
  experiment_tags: PairRow & { experiment_id: string };
  environments: EnvironmentRow;
  snapshots: SnapshotRow;
  secrets: SecretRow;
}
