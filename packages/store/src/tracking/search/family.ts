import { type RawBuilder, sql } from "kysely";

/** The ids of a run and its descendants, as a subquery. */
export function familyOf(runId: string): RawBuilder<unknown> {
  return sql`(with recursive family(id) as (select runs.id from runs where runs.id = ${runId} union select child.id from runs as child join family on child.parent_id = family.id)
    select id from family)`;
}
