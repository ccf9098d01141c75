import { BadRequest } from "@switchyard/protocol";
import type { Queries } from "../database/database.ts";
import { inGroups } from "../database/groups.ts";
import { storable, storableName } from "../database/text.ts";

/** A name and a value. */
export interface Pair {
  readonly name: string;
  readonly value: string;
}

/** Adds params of a run; the first value of each stays. Returns those that had another value already, with the value that stays. */
export async function addParams(
  db: Queries,
  runId: string,
  params: readonly Pair[],
): Promise<{ readonly asked: Pair; readonly kept: string }[]> {
  const given = params.map(({ name, value }) => ({ name: storableName(name), value: storable(value) }));
  const firsts = new Map(given.toReversed().map((param) => [param.name, param.value]));
  const kept = new Map<string, string>();
  for (const group of inGroups([...firsts])) {
    const { numInsertedOrUpdatedRows } = await db
      .insertInto("run_params")
      .values(group.map(([name, value]) => ({ run_id: runId, name, value })))
      .onConflict((conflict) => conflict.columns(["run_id", "name"]).doNothing())
      .executeTakeFirstOrThrow();
    if (numInsertedOrUpdatedRows === BigInt(group.length)) continue;
    const names = group.map(([name]) => name);
    const rows = db.selectFrom("run_params").select(["name", "value"]).where("run_id", "=", runId).where("name", "in", names);
    for (const row of await rows.execute()) kept.set(row.name, row.value);
  }
  return given.flatMap((asked) => {
    const stays = kept.get(asked.name) ?? (firsts.get(asked.name) as string);
    return stays === asked.value ? [] : [{ asked, kept: stays }];
  });
}

/** Adds params as an MLflow client does: one that has another value already is an error, and nothing is added. */
export async function addParamsOnce(db: Queries, runId: string, params: readonly Pair[]): Promise<void> {
  const [changed] = await addParams(db, runId, params);
  if (changed === undefined) return;
  throw new BadRequest(
    `Changing param values is not allowed. Param with key='${changed.asked.name}' was already logged with value='${changed.kept}' for run ` +
      `ID='${runId}'. Attempted logging new value '${changed.asked.value}'.`,
    { details: { param: changed.asked.name } },
  );
}

export async function readParams(db: Queries, runIds: readonly string[]): Promise<Map<string, Readonly<Record<string, string>>>> {
  const params = new Map<string, Record<string, string>>();
  for (const ids of inGroups(runIds)) {
    const rows = await db.selectFrom("run_params").selectAll().where("run_id", "in", ids).orderBy("run_id").orderBy("name").execute();
    for (const { run_id, name, value } of rows) {
      const own = params.get(run_id);
      if (own === undefined) params.set(run_id, { [name]: value });
      else own[name] = value;
    }
  }
  return params;
}
