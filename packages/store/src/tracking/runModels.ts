import type { Queries } from "../database/database.ts";
import { inGroups } from "../database/groups.ts";

/** A logged model that a run reads or made. */
export interface ModelLink {
  readonly direction: "input" | "output";
  readonly modelId: string;
  readonly step: number;
}

/** Notes which models a run reads or made; what is noted already stays. */
export async function linkModels(db: Queries, runId: string, links: readonly ModelLink[]): Promise<void> {
  for (const group of inGroups(links)) {
    await db
      .insertInto("run_models")
      .values(group.map(({ direction, modelId, step }) => ({ run_id: runId, direction, model_id: modelId, step })))
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}

export async function readModelLinks(db: Queries, runIds: readonly string[]): Promise<Map<string, ModelLink[]>> {
  const links = new Map<string, ModelLink[]>();
  for (const ids of inGroups(runIds)) {
    const rows = await db.selectFrom("run_models").selectAll().where("run_id", "in", ids).orderBy("step").orderBy("model_id").execute();
    for (const row of rows) {
      const link = { direction: row.direction, modelId: row.model_id, step: row.step };
      const own = links.get(row.run_id);
      if (own === undefined) links.set(row.run_id, [link]);
      else own.push(link);
    }
  }
  return links;
}
