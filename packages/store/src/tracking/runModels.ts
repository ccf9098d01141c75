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
