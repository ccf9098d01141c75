import { DatabaseTooNew } from "@switchyard/protocol";
import type { Kysely } from "kysely";
import { type Migration as KyselyMigration, Migrator } from "kysely/migration";
import { MIGRATIONS } from "../migrations/index.ts";
import type { DatabaseKind } from "./columnTypes.ts";

const MIGRATIONS_TABLE = "schema_migrations";
const LOCK_TABLE = "schema_migrations_lock";

/**
 * Brings the schema up to date. All steps run in one transaction that other servers wait for, so that two that start at
 * once do not collide and a killed one leaves nothing half-way.
 */
export async function migrate<T>(typed: Kysely<T>, kind: DatabaseKind, description: string): Promise<void> {
  const db = typed as unknown as Kysely<unknown>;
  await refuseNewer(db, description);
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => stepsFor(kind) },
    migrationTableName: MIGRATIONS_TABLE,
    migrationLockTableName: LOCK_TABLE,
  });
  const { error } = await migrator.migrateToLatest();
  if (error) throw error;
}

function stepsFor(kind: DatabaseKind): Record<string, KyselyMigration> {
  return Object.fromEntries(Object.entries(MIGRATIONS).map(([name, step]) => [name, { up: (db) => step.up(db, kind) }]));
}

async function refuseNewer(db: Kysely<unknown>, description: string): Promise<void> {
  const unknown = (await appliedSteps(db)).filter((name) => !(name in MIGRATIONS));
  if (unknown.length === 0) return;
  const known = Object.keys(MIGRATIONS).at(-1);
  throw new DatabaseTooNew(
    `The database ${description} was written by a newer Switchyard: it has the schema step "${unknown.join('", "')}", and this program knows ` +
      `steps up to "${known}". Start the newer program, or give this one another database with --home or --database-url.`,
    { details: { unknown, known } },
  );
}

async function appliedSteps(db: Kysely<unknown>): Promise<string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some((table) => table.name === MIGRATIONS_TABLE)) return [];
  const rows = await (db as Kysely<{ [MIGRATIONS_TABLE]: { name: string } }>).selectFrom(MIGRATIONS_TABLE).select("name").execute();
  return rows.map((row) => row.name);
}
