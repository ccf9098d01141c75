import type { NodeState, VmPriority } from "@switchyard/protocol";
import type { ComputeNodeRow } from "../database/schema/computes.ts";
import { fromJson, storableOrNull, toJson } from "../database/text.ts";

/**
 * What is to be done, or was done, so that a job has the node: `giving` until its provider has heard of the job, `given`,
 * and `freeing` until its provider has taken the node back.
 */
export type NodeHold = "giving" | "given" | "freeing";

/** A node of a managed cluster: decided by us, made by its provider. */
export interface NodeRecord {
  readonly id: string;
  readonly computeId: string;
  readonly workspace: string;
  readonly vmPriority: VmPriority;
  /** what it counts of the quota */
  readonly cores: number;
  readonly state: NodeState;
  /** in this state since */
  readonly since: Date;
  /** why it is not ready, in words */
  readonly because: string | null;
  /** the run that has it, and the job of that run; null for none */
  readonly runId: string | null;
  readonly jobId: string | null;
  /** which of its run's nodes it is, from 0 */
  readonly place: number | null;
  readonly hold: NodeHold | null;
  readonly address: { readonly privateIp: string | null; readonly publicIp: string | null; readonly sshPort: number | null };
  /** for the processes of a job on this node alone */
  readonly variables: Readonly<Record<string, string>>;
  readonly createdAt: Date;
  readonly version: number;
}

export function toNodeRow(record: NodeRecord): ComputeNodeRow {
  return {
    id: record.id,
    compute_id: record.computeId,
    workspace: record.workspace,
    vm_priority: record.vmPriority,
    cores: record.cores,
    state: record.state,
    since: record.since.getTime(),
    because: storableOrNull(record.because),
    run_id: record.runId,
    job_id: record.jobId,
    place: record.place,
    hold: record.hold,
    address: toJson(record.address),
    variables: toJson(record.variables),
    created_at: record.createdAt.getTime(),
    version: record.version,
  };
}

export function fromNodeRow(row: ComputeNodeRow): NodeRecord {
  return {
    id: row.id,
    computeId: row.compute_id,
    workspace: row.workspace,
    vmPriority: row.vm_priority as VmPriority,
    cores: row.cores,
    state: row.state as NodeState,
    since: new Date(row.since),
    because: row.because,
    runId: row.run_id,
    jobId: row.job_id,
    place: row.place,
    hold: row.hold as NodeHold | null,
    address: fromJson<NodeRecord["address"]>(row.address),
    variables: fromJson<Record<string, string>>(row.variables),
    createdAt: new Date(row.created_at),
    version: row.version,
  };
}
