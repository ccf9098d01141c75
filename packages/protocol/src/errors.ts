import type { Problem } from "./problem.ts";

/** The stable words an API error carries in `code`. They are public: a word is added, never changed. */
export const ERROR_CODES = [
  "bad_request", // the request itself is malformed or breaks a rule; the message says which
  "unauthenticated", // no token, or one that is unknown or revoked
  "forbidden", // the token is valid but may not do this
  "not_found",
  "already_exists",
  "conflict", // someone changed the thing meanwhile, or its state forbids this
  "idempotency_mismatch", // the same idempotency key came with a different request
  "unknown_target",
  "environment_unusable",
  "snapshot_incomplete", // blobs of the snapshot are missing
  "checksum_mismatch", // bytes arrived that do not have the SHA-256 they were announced with
  "path_escape", // a path leads out of the folder it must stay in
  "too_large",
  "range_not_satisfiable",
  "job_rejected",
  "compute_unreachable",
  "service_unavailable", // a web service that takes no requests now
  "disk_full",
  "database_too_new",
  "database_unreachable", // the database cannot be asked now; trying again later may help
  "server_unreachable",
  "not_implemented",
  "internal",
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

/** An error a person can act on: names the thing, says what happened and what to do. */
export class SwitchyardError extends Error {
  readonly code: ErrorCode = "internal";
  /** Facts a program may want (field, nearest valid key, …); never a secret. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(message: string, options: { cause?: unknown; details?: Readonly<Record<string, unknown>> } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.details = options.details ?? {};
    this.name = new.target.name;
  }
}

/** Makes the class of errors that carry one code. */
function errorClass(code: ErrorCode) {
  return class extends SwitchyardError {
    override readonly code = code;
  };
}

export class BadRequest extends errorClass("bad_request") {}
export class Unauthenticated extends errorClass("unauthenticated") {}
export class Forbidden extends errorClass("forbidden") {}
export class NotFound extends errorClass("not_found") {}
export class AlreadyExists extends errorClass("already_exists") {}
export class Conflict extends errorClass("conflict") {}
export class IdempotencyMismatch extends errorClass("idempotency_mismatch") {}
export class UnknownTarget extends errorClass("unknown_target") {}
export class EnvironmentUnusable extends errorClass("environment_unusable") {}
export class SnapshotIncomplete extends errorClass("snapshot_incomplete") {}
export class ChecksumMismatch extends errorClass("checksum_mismatch") {}
export class PathEscape extends errorClass("path_escape") {}
export class TooLarge extends errorClass("too_large") {}
export class RangeNotSatisfiable extends errorClass("range_not_satisfiable") {}
/** The compute refuses this job for good: trying again would not help. */
export class JobRejected extends errorClass("job_rejected") {}
/** The compute cannot be asked now. Says nothing about its jobs: look again later. */
export class ComputeUnreachable extends errorClass("compute_unreachable") {}
/** A web service that cannot answer now: it is being started, failed, or does not react. */
export class ServiceUnavailable extends errorClass("service_unavailable") {}
export class DiskFull extends errorClass("disk_full") {}
/** Known by name, and not part of this version. */
export class NotImplemented extends errorClass("not_implemented") {}
export class DatabaseTooNew extends errorClass("database_too_new") {}
/** The connection to the database is gone. Whether the last change was kept is unknown: load again, decide anew. */
export class DatabaseUnreachable extends errorClass("database_unreachable") {}
export class ServerUnreachable extends errorClass("server_unreachable") {}

/** The error as a client sees it again after it travelled as a problem body. */
export class RemoteError extends SwitchyardError {
  override readonly code: ErrorCode;
  readonly status: number;

  constructor(body: Problem) {
    super(body.detail, { details: body.details ?? {} });
    this.code = body.code;
    this.status = body.status;
  }
}
