// MLflow's REST API beside MLflow's own server on SQLite and on PostgreSQL, and FastTrackML where it installs: the same
// requests by the same client, in turn. `DATABASES=PostgreSQL` measures one of them only, `WORK=singles` one kind of work; `FSYNC=on` lets PostgreSQL flush its commits.

import type { Benchmark, Figure } from "./measure.ts";
import { type Contender, contenders } from "./mlflow/contenders.ts";
import { measureTogether, type Work } from "./mlflow/work.ts";

/** What the project asks of us, as a multiple of MLflow's figure on the same database. */
const BARS: Readonly<
  Record<keyof Work, { readonly what: string; readonly unit: string; readonly times: number | null; readonly isRate: boolean }>
> = {
  batches: { what: "`log_batch` of 1,000 metrics", unit: "batches/s", times: 10, isRate: true },
  singles: { what: "`log_metric`, one client", unit: "calls/s", times: 5, isRate: true },
  crowd: { what: "`log_metric`, eight clients at once", unit: "calls/s", times: null, isRate: true },
  searches: { what: "`search_runs` over 10,000 runs with a metric filter", unit: "searches/s", times: 10, isRate: true },
  histories: { what: "metric history of 100,000 points", unit: "histories/s", times: 10, isRate: true },
  memory: { what: "memory of the server after that", unit: "MB", times: 0.5, isRate: false },
};

export const mlflow: Benchmark = {
  name: "mlflow",
  async run() {
    const done = new Map<Contender, Work>();
    for (const group of Map.groupBy(await contenders(), ({ database }) => database).values())
      for (const [contender, work] of await measureTogether(group)) done.set(contender, work);
    return [...figuresOf(done), ...comparisons(done)];
  },
};

function* figuresOf(done: ReadonlyMap<Contender, Work>): Generator<Figure> {
  for (const [{ name }, work] of done)
    for (const [key, { what, unit }] of Object.entries(BARS)) {
      const value = work[key as keyof Work];
      if (value !== undefined) yield { what: `${name}: ${what}`, value, unit };
    }
}

/** Ours against MLflow's own on the same kind of database. */
function* comparisons(done: ReadonlyMap<Contender, Work>): Generator<Figure> {
  for (const database of ["SQLite", "PostgreSQL"] as const) {
    const of = (program: string) => [...done].find(([contender]) => contender.program === program && contender.database === database)?.[1];
    const [ours, theirs] = [of("Switchyard"), of("MLflow")];
    if (ours === undefined || theirs === undefined) continue;
    for (const [key, { what, times, isRate }] of Object.entries(BARS)) {
      const [own, other] = [ours[key as keyof Work], theirs[key as keyof Work]];
      if (own === undefined || other === undefined) continue;
      const value = own / other;
      const bar = times === null ? {} : { bar: isRate ? { atLeast: times } : { atMost: times } };
      yield { what: `Switchyard ÷ MLflow on ${database}: ${what}`, value, unit: "×", ...bar };
    }
  }
}
