import { type Kysely, sql } from "kysely";
import { columnTypesOf, type DatabaseKind } from "../database/columnTypes.ts";

/** Nodes of managed clusters, and which server drives which cluster. */
export async function up(db: Kysely<unknown>, kind: DatabaseKind): Promise<void> {
  const { text } = columnTypesOf(kind);
  await db.schema
    .createTable("compute_nodes")
    .addColumn("id", text, (c) => c.primaryKey())
    .addColumn("compute_id", text, (c) => c.notNull())
    .addColumn("workspace", text, (c) => c.notNull())
    .addColumn("vm_priority", text, (c) => c.notNull())
    .addColumn("cores", "integer", (c) => c.notNull())
    .addColumn("state", text, (c) => c.notNull())
    .addColumn("since", "bigint", (c) => c.notNull())
    .addColumn("because", text)
    .addColumn("run_id", text)
    .addColumn("job_id", text)
    .addColumn("place", "integer")
    .addColumn("hold", text)
    .addColumn("address", text, (c) => c.notNull())
    .addColumn("variables", text, (c) => c.notNull())
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .addColumn("version", "bigint", (c) => c.notNull())
    .execute();
  await db.schema.createIndex("compute_nodes_of_compute").on("compute_nodes").columns(["compute_id"]).execute();
  await db.schema
    .createIndex("compute_nodes_of_job")
    .on("compute_nodes")
    .columns(["job_id"])
    .where(sql.ref("job_id"), "is not", null)
    .execute();
  await db.schema
    .createTable("compute_clusters")
    .addColumn("compute_id", text, (c) => c.primaryKey())
    .addColumn("holder", text)
    .addColumn("held_until", "bigint", (c) => c.notNull())
    .addColumn("allocation", text)
    .execute();
  await sql`insert into counters (name, value) values ('nodes', 0)`.execute(db);
}
