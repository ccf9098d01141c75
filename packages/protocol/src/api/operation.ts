import type { z } from "zod";

/**
 * One operation of the HTTP API. The table in `operations.ts` is the single source of the server's routes, the SDK's
 * methods and the OpenAPI document.
 */
export interface Operation {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** below `/api/v1`, parameters in braces; `{path*}` takes the rest of the path, slashes included */
  readonly path: string;
  readonly summary: string;
  readonly tag: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  /** a JSON body; "bytes" for a raw body */
  readonly body?: z.ZodType | "bytes";
  /** a JSON response; "bytes" for a raw one (with ranges), "events" for server-sent events, "none" for 204 */
  readonly response: z.ZodType | "bytes" | "events" | "none";
  /** what a token must be allowed to do; a run's own token may use only operations that say so */
  readonly access: "public" | "user" | "user or own run";
  /** of the runs that a run's own token may use it on: those above its run too */
  readonly above?: boolean;
  /** creates something: an Idempotency-Key header makes a repeat answer the first result */
  readonly idempotent?: boolean;
}

export const API_PREFIX = "/api/v1";

/** Helps TypeScript keep the literal types of a table of operations. */
export function defineOperations<const T extends Record<string, Operation>>(operations: T): T {
  return operations;
}
