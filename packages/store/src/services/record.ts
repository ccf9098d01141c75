import type { JsonObject, ServiceDefinition, ServiceError, ServiceState } from "@switchyard/protocol";
import type { ServiceRow } from "../database/schema/models.ts";
import { fromJson, storable, storableOrNull, toJson } from "../database/text.ts";

/** A job that carries its service no more and has yet to be ended and removed. Without a handle it is looked for by its id. */
export interface LeftServiceJob {
  readonly jobId: string;
  readonly handle: JsonObject | null;
}

/** How far a file of the job that carries the service was brought home. */
export interface ServiceCursor {
  readonly attempt: number;
  readonly file: string;
  readonly offset: number;
}

/** A web service as the `services` table holds it. */
export interface ServiceRecord {
  readonly id: string;
  readonly workspace: string;
  readonly name: string;
  /** the server on whose machine it runs; that one alone looks after it */
  readonly instance: string;
  readonly definition: ServiceDefinition;
  readonly environment: { readonly name: string; readonly version: string } | null;
  readonly description: string | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly properties: Readonly<Record<string, string>>;
  /** keys and other secrets; only the server can read them */
  readonly sealed: string | null;

  readonly state: ServiceState;
  readonly error: ServiceError | null;
  /** the job that carries it: a start is a new job */
  readonly starts: number;
  readonly jobId: string | null;
  readonly handle: JsonObject | null;
  /** where it listens on the loopback of its machine; kept over restarts */
  readonly port: number | null;
  /** it answered once with its present definition: then it is started again when it dies */
  readonly wasHealthy: boolean;
  readonly healthySince: Date | null;
  /** starts in a row that came to nothing */
  readonly failures: number;
  readonly retryAt: Date | null;
  readonly left: readonly LeftServiceJob[];
  readonly cursors: readonly ServiceCursor[];

  readonly createdBy: string | null;
  readonly createdAt: Date;
  readonly modifiedAt: Date;
  /** somebody deleted it: its processes are being ended */
  readonly deletedAt: Date | null;
  readonly version: number;
}

export function toServiceRow(record: ServiceRecord): ServiceRow {
  return {
    id: record.id,
    workspace: record.workspace,
    name: record.name,
    live_name: record.deletedAt === null ? record.name : null,
    instance: record.instance,
    state: record.state,
    error: record.error && toJson(record.error),
    description: storableOrNull(record.description),
    tags: toJson(record.tags),
    properties: toJson(record.properties),
    environment: record.environment && toJson(record.environment),
    sealed: record.sealed,
    starts: record.starts,
    job_id: record.jobId,
    handle: record.handle && toJson(record.handle),
    port: record.port,
    was_healthy: record.wasHealthy ? 1 : 0,
    healthy_since: record.healthySince?.getTime() ?? null,
    failures: record.failures,
    retry_at: record.retryAt?.getTime() ?? null,
    left_jobs: toJson(record.left),
    cursors: toJson(record.cursors),
    created_by: record.createdBy === null ? null : storable(record.createdBy),
    created_at: record.createdAt.getTime(),
    modified_at: record.modifiedAt.getTime(),
    deleted_at: record.deletedAt?.getTime() ?? null,
    version: record.version,
    definition: toJson(record.definition),
  };
}

export function fromServiceRow(row: ServiceRow): ServiceRecord {
  return {
    id: row.id,
    workspace: row.workspace,
    name: row.name,
    instance: row.instance,
    definition: fromJson<ServiceDefinition>(row.definition),
    environment: row.environment === null ? null : fromJson<{ name: string; version: string }>(row.environment),
    description: row.description,
    tags: fromJson<Record<string, string>>(row.tags),
    properties: fromJson<Record<string, string>>(row.properties),
    sealed: row.sealed,
    state: row.state as ServiceState,
    error: row.error === null ? null : fromJson<ServiceError>(row.error),
    starts: row.starts,
    jobId: row.job_id,
    handle: row.handle === null ? null : fromJson<JsonObject>(row.handle),
    port: row.port,
    wasHealthy: row.was_healthy === 1,
    healthySince: row.healthy_since === null ? null : new Date(row.healthy_since),
    failures: row.failures,
    retryAt: row.retry_at === null ? null : new Date(row.retry_at),
    left: fromJson<LeftServiceJob[]>(row.left_jobs),
    cursors: fromJson<ServiceCursor[]>(row.cursors),
    createdBy: row.created_by,
    createdAt: new Date(row.created_at),
    modifiedAt: new Date(row.modified_at),
    deletedAt: row.deleted_at === null ? null : new Date(row.deleted_at),
    version: row.version,
  };
}
