import { createHash } from "node:crypto";
import { BadRequest } from "@switchyard/protocol";
import type { Caller } from "./access.ts";
import type { IdempotencyKey } from "./handler.ts";

/** Left out of the hash, which would let whoever reads the database try passwords out. */
const SECRET = /secret|password|passphrase|privateKey/i;

/** The key of a request with the hash of what was asked; the key belongs to who sent it, so that two people may use the same. */
export function idempotencyOf(header: unknown, caller: Caller, operation: string, asked: object): IdempotencyKey | undefined {
  if (header === undefined) return undefined;
  if (typeof header !== "string" || !/^[\x21-\x7e]{1,255}$/.test(header)) {
    throw new BadRequest("Idempotency-Key: 1 to 255 visible ASCII characters are taken.", { details: { field: "Idempotency-Key" } });
  }
  const owner = caller.scope === "run" ? `run:${caller.runId}` : `user:${caller.user ?? ""}`;
  const requestHash = createHash("sha256")
    .update(JSON.stringify([operation, sorted(asked)]))
    .digest("hex");
  return { key: `${owner}:${header}`, requestHash };
}

/** The same value, less its secrets, with the keys of every object in one order: two spellings of one request have one hash. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !SECRET.test(key))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
