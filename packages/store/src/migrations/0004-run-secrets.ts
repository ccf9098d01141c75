import type { Kysely } from "kysely";
import { columnTypesOf, type DatabaseKind } from "../database/columnTypes.ts";

/** What a run needs and nobody may read, sealed by the server: the password of the registry of its image. */
export async function up(db: Kysely<unknown>, kind: DatabaseKind): Promise<void> {
  const { text } = columnTypesOf(kind);
  await db.schema.alterTable("runs").addColumn("sealed_secrets", text).execute();
}
