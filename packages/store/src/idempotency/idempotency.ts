import { IdempotencyMismatch, type JsonValue } from "@switchyard/protocol";
import type { Database, Queries } from "../database/database.ts";
import { fromJson, toJson } from "../database/text.ts";

/** A client's promise that requests with this key are one request; `requestHash` is of what it asked for. */
export interface IdempotencyClaim {
  readonly key: string;
  readonly requestHash: string;
}

/**
 * Claims the key for `result`. Returns undefined when it was free, else the result (as JSON) it was claimed for; throws
 * IdempotencyMismatch when that was another request. To be called first in the transaction that makes the result.
 */
export async function claimKey(db: Queries, claim: IdempotencyClaim, result: JsonValue): Promise<string | undefined> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto("idempotency")
    .values({ key: claim.key, request_hash: claim.requestHash, result: toJson(result), created_at: Date.now() })
    .onConflict((conflict) => conflict.column("key").doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 0n ? await recallKey(db, claim) : undefined;
}

async function recallKey(db: Queries, { key, requestHash }: IdempotencyClaim): Promise<string | undefined> {
  const row = await db.selectFrom("idempotency").selectAll().where("key", "=", key).executeTakeFirst();
  if (row && row.request_hash !== requestHash) {
    throw new IdempotencyMismatch(`The Idempotency-Key "${key}" was used for another request. Use a new key for a new request.`);
  }
  return row?.result;
}

/** Results of creates by their idempotency key. */
export class Idempotency {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The result of the first request with this key, undefined when there was none. */
  async recall(claim: IdempotencyClaim): Promise<JsonValue | undefined> {
    const result = await recallKey(this.#database.db, claim);
    return result === undefined ? undefined : fromJson(result);
  }

  /** Keeps the result of a request. Returns what is kept: an earlier result when another request was first. */
  async remember(claim: IdempotencyClaim, result: JsonValue): Promise<JsonValue> {
    const earlier = await this.#database.transact(({ db }) => claimKey(db, claim, result));
    return earlier === undefined ? result : fromJson(earlier);
  }

  /** Forgets keys first used before `before`. Returns how many. */
  async prune(before: Date): Promise<number> {
    const { numDeletedRows } = await this.#database.db
      .deleteFrom("idempotency")
      .where("created_at", "<", before.getTime())
      .executeTakeFirst();
    return Number(numDeletedRows);
  }
}
