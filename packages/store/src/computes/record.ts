import type { JsonObject, ProvisioningError, ProvisioningState } from "@switchyard/protocol";
import type { ComputeRow } from "../database/schema/computes.ts";
import { fromJson, storable, storableOrNull, toJson } from "../database/text.ts";

/** A compute target that somebody made or attached. */
export interface ComputeRecord {
  readonly id: string;
  readonly workspace: string;
  readonly name: string;
  /** kind: `amlcompute`, `remote`, … */
  readonly type: string;
  readonly attached: boolean;
  /** what is attached, in one spelling: within a workspace nothing is attached twice. Null where that cannot happen */
  readonly resource: string | null;
  readonly settings: JsonObject;
  /** encrypted; only the server can read it */
  readonly secret: string | null;
  readonly provisioningState: ProvisioningState;
  readonly provisioningErrors: readonly ProvisioningError[];
  readonly provisioningAt: Date;
  /** what whoever looks after it has found out or decided: cores, host key, whether an instance is stopped */
  readonly facts: JsonObject;
  readonly tags: Readonly<Record<string, string | null>>;
  readonly description: string | null;
  readonly location: string | null;
  readonly createdBy: string | null;
  readonly createdAt: Date;
  readonly modifiedAt: Date;
  readonly version: number;
}

export function toComputeRow(record: ComputeRecord): ComputeRow {
  return {
    id: record.id,
    workspace: record.workspace,
    name: record.name,
    name_key: record.name.toLowerCase(),
    type: record.type,
    attached: record.attached ? 1 : 0,
    resource: storableOrNull(record.resource),
    settings: toJson(record.settings),
    secret: record.secret,
    provisioning_state: record.provisioningState,
    provisioning_errors: toJson(record.provisioningErrors),
    provisioning_at: record.provisioningAt.getTime(),
    facts: toJson(record.facts),
    tags: toJson(record.tags),
    description: storableOrNull(record.description),
    location: storableOrNull(record.location),
    created_by: record.createdBy === null ? null : storable(record.createdBy),
    created_at: record.createdAt.getTime(),
    modified_at: record.modifiedAt.getTime(),
    version: record.version,
  };
}

export function fromComputeRow(row: ComputeRow): ComputeRecord {
  return {
    id: row.id,
    workspace: row.workspace,
    name: row.name,
    type: row.type,
    attached: row.attached === 1,
    resource: row.resource,
    settings: fromJson<JsonObject>(row.settings),
    secret: row.secret,
    provisioningState: row.provisioning_state as ProvisioningState,
    provisioningErrors: fromJson<ProvisioningError[]>(row.provisioning_errors),
    provisioningAt: new Date(row.provisioning_at),
    facts: fromJson<JsonObject>(row.facts),
    tags: fromJson<Record<string, string | null>>(row.tags),
    description: row.description,
    location: row.location,
    createdBy: row.created_by,
    createdAt: new Date(row.created_at),
    modifiedAt: new Date(row.modified_at),
    version: row.version,
  };
}
