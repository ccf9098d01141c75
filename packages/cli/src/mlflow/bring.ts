import { NotFound } from "@switchyard/protocol/errors";
import { messageOf } from "../errors.ts";
import type { Account } from "./account.ts";
import { bringModels } from "./bringModels.ts";
import { type Ends, fillRun, makeRun, parentOf, TAGS, WHOLE } from "./bringRun.ts";
import { MlflowRefusal } from "./client.ts";
import { type Experiment, experimentsOf, type MlflowRun, runsOf } from "./words.ts";

/** What to bring. */
export interface Wanted {
  /** names; all when there are none */
  readonly experiments: readonly string[];
  /** runs that started then or later */
  readonly since: Date | null;
}

/** How many runs are on their way at once. */
const AT_ONCE = 4;
/** After so many runs that fail, something else is wrong than a run. */
const MOST_FAILURES = 20;

/** The runs of one experiment that are here already, by their id at the source. */
type Known = Map<string, { readonly runId: string; readonly whole: boolean }>;

/** Brings a server's history. What was brought before is left as it is, what was cut short is completed. */
export async function bring(ends: Ends, wanted: Wanted, account: Account, tell: () => void): Promise<void> {
  const here = new Map<string, string>();
  for (const experiment of await experimentsWanted(ends, wanted)) {
    await new ExperimentImport(ends, account, tell, here).bring(experiment, filterOf(wanted));
    account.experiments++;
    tell();
  }
  await bringModels(ends, here, account, wanted.experiments.length === 0 && wanted.since === null);
}

/** The experiments that are asked for; one that is not there is refused before anything is done. */
export async function experimentsWanted({ source }: Pick<Ends, "source">, { experiments }: Wanted): Promise<Experiment[]> {
  const all: Experiment[] = [];
  for await (const each of experimentsOf(source)) all.push(each);
  const unknown = experiments.find((name) => !all.some((each) => each.name === name));
  if (unknown !== undefined) {
    const names = all.map(({ name }) => name);
    throw new NotFound(`${source.url} has no experiment "${unknown}". It has ${names.slice(0, 20).join(", ")}${names.length > 20 ? ", …" : ""}.`); // biome-ignore format: one sentence
  }
  return experiments.length === 0 ? all : all.filter(({ name }) => experiments.includes(name));
}

/** The condition on runs, in MLflow's words. */
export const filterOf = ({ since }: Wanted): string => (since === null ? "" : `attributes.start_time >= ${since.getTime()}`);

/** One experiment on its way. */
class ExperimentImport {
  readonly #ends: Ends;
  readonly #account: Account;
  readonly #tell: () => void;
  /** runs that are here, by their id at the source: of all experiments, for models and parents */
  readonly #here: Map<string, string>;
  /** parents that were made for a child, and that the list of runs has not come to (yet) */
  readonly #owed = new Map<string, MlflowRun>();
  readonly #seen = new Set<string>();
  readonly #begun = new Map<string, Promise<string>>();
  #known: Known = new Map();
  #experimentId = "";

  constructor(ends: Ends, account: Account, tell: () => void, here: Map<string, string>) {
    this.#ends = ends;
    this.#account = account;
    this.#tell = tell;
    this.#here = here;
  }

  async bring(experiment: Experiment, filter: string): Promise<void> {
    const { source } = this.#ends;
    this.#experimentId = await ensureExperiment(this.#ends, experiment);
    this.#known = await knownRuns(this.#ends, this.#experimentId);
    const going = new Set<Promise<void>>();
    for await (const run of runsOf(source, experiment.experiment_id, filter)) {
      this.#account.runs.found++;
      const done = this.#whole(run).finally(() => going.delete(done));
      going.add(done);
      if (going.size >= AT_ONCE) await Promise.race(going);
    }
    await Promise.all(going);
    for (const [, parent] of this.#owed) {
      this.#account.runs.found++;
      await this.#whole(parent); // takes it off the list, and may put its own parent on it
    }
  }

  /** One run, whole. What goes wrong with it is told in the end, and the others go on. */
  async #whole(run: MlflowRun): Promise<void> {
    const { runs, differences } = this.#account;
    this.#seen.add(run.info.run_id);
    this.#owed.delete(run.info.run_id);
    const known = this.#known.get(run.info.run_id);
    if (known?.whole) {
      this.#here.set(run.info.run_id, known.runId);
      runs.thereAlready++;
      return this.#tell();
    }
    try {
      const parent = await this.#parent(run);
      await fillRun(this.#ends, run, await this.#made(run, parent), parent, this.#account);
      runs.brought++;
    } catch (error) {
      runs.failed++;
      differences.push(`run ${run.info.run_id} is not whole: ${messageOf(error)}`);
      if (runs.failed >= MOST_FAILURES) throw error;
    }
    this.#tell();
  }

  /** The id here, made once. */
  #made(run: MlflowRun, parent: string | null): Promise<string> {
    const id = run.info.run_id;
    const begun = this.#begun.get(id) ?? this.#make(run, parent);
    this.#begun.set(id, begun);
    return begun;
  }

  async #make(run: MlflowRun, parent: string | null): Promise<string> {
    const known = this.#known.get(run.info.run_id)?.runId;
    const runId = known ?? (await makeRun(this.#ends, run, this.#experimentId, parent));
    this.#here.set(run.info.run_id, runId);
    return runId;
  }

  /** The id here of the run that a run is a child of. One that started later is made first; one that is gone is told. */
  async #parent(run: MlflowRun): Promise<string | null> {
    const id = parentOf(run);
    if (id === null || id === run.info.run_id) return null;
    const here = this.#here.get(id) ?? this.#known.get(id)?.runId;
    if (here !== undefined) return here;
    try {
      const { run: parent } = await this.#ends.source.get<{ run: MlflowRun }>("runs/get", { run_id: id });
      if (parent.info.lifecycle_stage === "deleted" || parent.info.experiment_id !== run.info.experiment_id) {
        this.#account.differences.push(`run ${run.info.run_id} is no child here: its parent ${id} is deleted, or in another experiment`);
        return null;
      }
      if (!this.#seen.has(id)) this.#owed.set(id, parent);
      return await this.#made(parent, await this.#parent(parent));
    } catch (error) {
      if (!(error instanceof MlflowRefusal) || error.status >= 500) throw error;
      this.#account.differences.push(`run ${run.info.run_id} is no child here: its parent ${id} is gone`);
      return null;
    }
  }
}

async function ensureExperiment({ source, destination }: Ends, experiment: Experiment): Promise<string> {
  const tags = [
    ...(experiment.tags ?? []).filter(({ key }) => !key.startsWith("mlflow.experiment.")),
    { key: TAGS.from, value: source.url },
  ];
  try {
    return (await destination.post<{ experiment_id: string }>("experiments/create", { name: experiment.name, tags })).experiment_id;
  } catch (error) {
    if (!(error instanceof MlflowRefusal) || error.word !== "RESOURCE_ALREADY_EXISTS") throw error;
  }
  const found = await destination.get<{ experiment: Experiment }>("experiments/get-by-name", { experiment_name: experiment.name });
  if (found.experiment.lifecycle_stage === "deleted") {
    throw new MlflowRefusal(
      409,
      "INVALID_STATE",
      `The experiment "${experiment.name}" is deleted here. Restore it first, or leave it out with --experiment.`,
    );
  }
  return found.experiment.experiment_id;
}

async function knownRuns({ source, destination }: Ends, experimentId: string): Promise<Known> {
  const known: Known = new Map();
  for await (const { info, data } of runsOf(destination, experimentId, `tags.\`${TAGS.from}\` = '${source.url.replaceAll("'", "")}'`)) {
    const tags = new Map(data?.tags?.map(({ key, value }) => [key, value]));
    const from = tags.get(TAGS.run);
    if (from !== undefined) known.set(from, { runId: info.run_id, whole: tags.get(TAGS.state) === WHOLE });
  }
  return known;
}
