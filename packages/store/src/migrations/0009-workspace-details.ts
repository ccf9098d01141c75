import type { Kysely } from "kysely";
import { columnTypesOf, type DatabaseKind } from "../database/columnTypes.ts";

/** What people say of a workspace: its name to show, description, tags and the like, as one JSON text. */
export async function up(db: Kysely<unknown>, kind: DatabaseKind): Promise<void> {
  const { text } = columnTypesOf(kind);
  await db.schema
    .alterTable("workspaces")
    .addColumn("details", text, (c) => c.notNull().defaultTo("{}"))
    .execute();
}
