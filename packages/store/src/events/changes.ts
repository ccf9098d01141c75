import { sql, type Transaction } from "kysely";
import type { DatabaseKind } from "../database/columnTypes.ts";
import type { Change } from "../database/database.ts";
import { inGroups } from "../database/groups.ts";
import type { Schema } from "../database/schema.ts";
import { storable, toJson } from "../database/text.ts";

/** The PostgreSQL channel on which servers wake each other; its payload is the id of the last change. */
export const CHANGE_CHANNEL = "switchyard_changes";

/**
 * Makes what writes the announced changes of a transaction. Their ids come from one counter row, which the transaction
 * then holds until it commits: so ids become visible in their order, and a reader that goes on after an id misses nothing.
 */
export function changeWriter(kind: DatabaseKind) {
  return async (db: Transaction<Schema>, announced: readonly Change[]): Promise<number> => {
    const changes = withoutRepeats(announced);
    if (kind === "postgres" && changes.length <= MOST_AT_ONCE) return await writeAtOnce(db, changes);
    const { value: last } = await db
      .updateTable("counters")
      .set((set) => ({ value: set("value", "+", changes.length) }))
      .where("name", "=", "change")
      .returning("value")
      .executeTakeFirstOrThrow();
    const first = last - changes.length + 1;
    const rows = changes.map((change, index) => ({
      id: first + index,
      kind: change.kind,
      workspace: change.workspace,
      run_id: change.runId,
      names: toJson(change.names.map(storable)),
    }));
    for (const group of inGroups(rows)) await db.insertInto("changes").values(group).execute();
    if (kind === "postgres") await sql`select pg_notify(${CHANGE_CHANNEL}, ${String(last)})`.execute(db);
    return last;
  };
}

/** More changes than this go in several statements. */
const MOST_AT_ONCE = 100;

/** Counts, writes and tells in one statement: the database may be far away, and the counter holds up all other writers. */
async function writeAtOnce(db: Transaction<Schema>, changes: readonly Change[]): Promise<number> {
  const rows = changes.map(
    ({ kind, workspace, runId, names }, index) =>
      sql`(${sql.lit(index + 1)}, ${kind}, ${workspace}, ${runId}, ${toJson(names.map(storable))})`,
  );
  const { rows: told } = await sql<{ value: number }>`
    with counted as (update counters set value = value + ${sql.lit(changes.length)} where name = 'change' returning value),
      written as (insert into changes (id, kind, workspace, run_id, names)
        select counted.value - ${sql.lit(changes.length)} + change.place, change.kind, change.workspace, change.run_id, change.names
        from counted, (values ${sql.join(rows)}) as change(place, kind, workspace, run_id, names))
    select value, pg_notify(${CHANGE_CHANNEL}, value::text) from counted`.execute(db);
  return told[0]?.value as number;
}

/** One change per kind and run, with the names of all of them. */
function withoutRepeats(changes: readonly Change[]): Change[] {
  const merged = new Map<string, Change>();
  for (const change of changes) {
    const key = `${change.kind} ${change.workspace} ${change.runId}`;
    const names = new Set([...(merged.get(key)?.names ?? []), ...change.names]);
    merged.set(key, { ...change, names: [...names] });
  }
  return [...merged.values()];
}
