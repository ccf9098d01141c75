import type { Flag, JsonText, Millis } from "./columns.ts";

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

/** The tables of compute targets, their nodes and clusters. */
export interface ComputesTables {
  computes: ComputeRow;
  compute_nodes: ComputeNodeRow;
  compute_clusters: ComputeClusterRow;
}
