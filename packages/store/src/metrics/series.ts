import type { MetricKind } from "@switchyard/protocol";
import type { Selectable } from "kysely";
import type { Queries } from "../database/database.ts";
import type { SeriesRow } from "../database/schema/metrics.ts";
import type { SeriesOrigin } from "./extend.ts";

type Series = Selectable<SeriesRow>;

/** One name of one run as charts show it: the series of its last attempt, after those of earlier ones it goes on from. */
export interface Curve {
  readonly runId: string;
  readonly name: string;
  /** oldest attempt first; never empty */
  readonly parts: readonly Series[];
}

/** All curves of these runs, by run and name. */
export async function curvesOf(db: Queries, runIds: readonly string[], origin: SeriesOrigin, name?: string): Promise<Curve[]> {
  let query = db.selectFrom("metric_series").selectAll().where("run_id", "in", runIds).where("origin", "=", origin);
  if (name !== undefined) query = query.where("name", "=", name);
  const rows = await query.orderBy("run_id").orderBy("name").orderBy("attempt").execute();
  const resumed = await resumedAttempts(db, runIds);
  const grouped = Map.groupBy(rows, (row) => `${row.run_id} ${row.name}`);
  return [...grouped.values()].map((own) => curve(own, resumed));
}

function curve(attempts: readonly Series[], resumed: ReadonlySet<string>): Curve {
  let first = attempts.length - 1;
  while (first > 0 && goesOn(attempts, first, resumed)) first--;
  const { run_id, name } = attempts[0] as Series;
  return { runId: run_id, name, parts: attempts.slice(first) };
}

/** Whether every attempt after the one before this, up to this, declared that it resumed. */
function goesOn(attempts: readonly Series[], index: number, resumed: ReadonlySet<string>): boolean {
  const [before, { run_id, attempt }] = [attempts[index - 1] as Series, attempts[index] as Series];
  for (let number = before.attempt + 1; number <= attempt; number++) if (!resumed.has(`${run_id} ${number}`)) return false;
  return true;
}

async function resumedAttempts(db: Queries, runIds: readonly string[]): Promise<Set<string>> {
  const rows = await db.selectFrom("run_resumes").selectAll().where("run_id", "in", runIds).execute();
  return new Set(rows.map((row) => `${row.run_id} ${row.attempt}`));
}

/** `number` only when every value is one. */
export function kindOf(parts: Curve["parts"]): MetricKind {
  return (parts.find((part) => part.kind !== "number") ?? (parts[0] as Curve["parts"][number])).kind as MetricKind;
}
