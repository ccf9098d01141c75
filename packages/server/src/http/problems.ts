import { type ErrorCode, type Problem, SwitchyardError } from "@switchyard/protocol";
import { isBrokenGzip } from "./contentEncoding.ts";

export const PROBLEM_TYPE = "application/problem+json; charset=utf-8";

/** Only the server knows HTTP; a forgotten code does not compile. */
export const HTTP_STATUS = {
  bad_request: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  already_exists: 409,
  conflict: 409,
  idempotency_mismatch: 422,
  unknown_target: 422,
  environment_unusable: 422,
  snapshot_incomplete: 409,
  checksum_mismatch: 422,
  path_escape: 400,
  too_large: 413,
  range_not_satisfiable: 416,
  job_rejected: 422,
  compute_unreachable: 503,
  service_unavailable: 503,
  database_unreachable: 503,
  disk_full: 507,
  database_too_new: 500,
  server_unreachable: 502,
  not_implemented: 501,
  internal: 500,
} satisfies Record<ErrorCode, number>;

/** The problem body (RFC 9457) of anything a handler may throw. What we did not foresee is told as `internal`, without its insides. */
export function problemOf(error: unknown): Problem {
  if (error instanceof SwitchyardError) return problemWith(error.code, error.message, error.details);
  const status = statusOfForeignError(error);
  if (status === 413) return problemWith("too_large", "The request's body is larger than this operation takes.");
  if (status === 404) return problemWith("not_found", (error as Error).message);
  if (status !== null && status < 500) return problemWith("bad_request", `The request could not be read: ${(error as Error).message}.`);
  if (isBrokenGzip(error))
    return problemWith("bad_request", "The body is announced as gzip but is not, or was cut on the way. Send it again.");
  if (isDiskFull(error)) return problemWith("disk_full", "The server's disk is full. Free some space there and try again.");
  return problemWith("internal", "The server met an error that it did not foresee; its log has the details.");
}

/** Makes a problem body with the status that belongs to its code. */
export function problemWith(code: ErrorCode, detail: string, details: Readonly<Record<string, unknown>> = {}): Problem {
  const body: Problem = { type: `urn:switchyard:error:${code}`, title: code.replaceAll("_", " "), status: HTTP_STATUS[code], code, detail };
  return Object.keys(details).length === 0 ? body : { ...body, details };
}

/** Fastify's own errors (a body that is not JSON, a body too long) carry `statusCode`. */
function statusOfForeignError(error: unknown): number | null {
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === "number" && status >= 400 ? status : null;
}

function isDiskFull(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    const code = (at as { code?: unknown }).code;
    if (code === "ENOSPC" || code === "EDQUOT" || code === "SQLITE_FULL") return true;
  }
  return false;
}
