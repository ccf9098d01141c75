import { createHash, randomBytes, randomUUID } from "node:crypto";
import type { Token } from "@switchyard/protocol";
import type { Database } from "../database/database.ts";
import type { TokenRow } from "../database/schema/servers.ts";

/** How long another server may go on accepting a token that was revoked here. */
const CACHE_MILLISECONDS = 5_000;
const MAX_CACHED = 10_000;

export interface NewToken {
  readonly scope: Token["scope"];
  readonly runId: string | null;
  readonly user: string | null;
  readonly note: string;
  readonly expiresAt: Date | null;
}

/** Tokens of users and runs. Secrets are 256 random bits and kept as their SHA-256 only. */
export class Tokens {
  readonly #database: Database;
  readonly #cache = new Map<string, { row: TokenRow | undefined; until: number }>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** Makes a token. Its secret is shown here once and can not be read again. */
  async create(token: NewToken): Promise<{ token: Token; secret: string }> {
    const secret = `sy_${randomBytes(32).toString("base64url")}`;
    const row: TokenRow = {
      id: randomUUID(),
      secret_sha256: sha256(secret),
      scope: token.scope,
      run_id: token.runId,
      user_name: token.user,
      note: token.note,
      created_at: Date.now(),
      expires_at: token.expiresAt?.getTime() ?? null,
      revoked_at: null,
    };
    await this.#database.db.insertInto("tokens").values(row).execute();
    return { token: toToken(row), secret };
  }

  /** The token with this secret, undefined when there is none or it was revoked or has expired. */
  async verify(secret: string): Promise<Token | undefined> {
    if (!secret.startsWith("sy_") || secret.length > 100) return undefined;
    const row = await this.#find(sha256(secret));
    if (!row || row.revoked_at !== null || (row.expires_at !== null && row.expires_at <= Date.now())) return undefined;
    return toToken(row);
  }

  /** Ends a token at once on this server, within seconds on others. Returns false when there is no such token. */
  async revoke(id: string): Promise<boolean> {
    const now = Date.now();
    await this.#database.db.updateTable("tokens").set({ revoked_at: now }).where("id", "=", id).where("revoked_at", "is", null).execute();
    this.#cache.clear();
    return (await this.#database.db.selectFrom("tokens").select("id").where("id", "=", id).executeTakeFirst()) !== undefined;
  }

  /** Ends every token of a run. */
  async revokeOfRun(runId: string): Promise<void> {
    const now = Date.now();
    await this.#database.db
      .updateTable("tokens")
      .set({ revoked_at: now })
      .where("run_id", "=", runId)
      .where("revoked_at", "is", null)
      .execute();
    this.#cache.clear();
  }

  /** Newest first. */
  async list(): Promise<Token[]> {
    const rows = await this.#database.db.selectFrom("tokens").selectAll().orderBy("created_at", "desc").orderBy("id").execute();
    return rows.map(toToken);
  }

  async #find(hash: string): Promise<TokenRow | undefined> {
    const cached = this.#cache.get(hash);
    if (cached && performance.now() < cached.until) return cached.row;
    const row = await this.#database.db.selectFrom("tokens").selectAll().where("secret_sha256", "=", hash).executeTakeFirst();
    if (this.#cache.size >= MAX_CACHED) this.#cache.clear();
    this.#cache.set(hash, { row, until: performance.now() + CACHE_MILLISECONDS });
    return row;
  }
}

const sha256 = (secret: string): string => createHash("sha256").update(secret).digest("hex");
const instant = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

function toToken(row: TokenRow): Token {
  return {
    tokenId: row.id,
    scope: row.scope as Token["scope"],
    runId: row.run_id,
    user: row.user_name,
    note: row.note,
    createdUtc: new Date(row.created_at).toISOString(),
    expiresUtc: instant(row.expires_at),
    revokedUtc: instant(row.revoked_at),
  };
}
