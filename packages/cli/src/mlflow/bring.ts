import { NotFound } from "@switchyard/protocol/errors";
import { messageOf } from "../errors.ts";
import type { Account } from "./account.ts";
import { bringLoggedModels } from "./bringLoggedModels.ts";
import { bringModels } from "./bringModels.ts";
import { type Ends, fillRun, makeRun, parentOf, TAGS, WHOLE } from "./bringRun.ts";
import { MlflowRefusal } from "./client.ts";
import { Here } from "./here.ts";
import { whatStays } from "./stays.ts";
import { together } from "./together.ts";
import { type Experiment, experimentsOf, type MlflowRun, runsOf, type View } from "./words.ts";

/** What to bring. */
export interface Wanted {
  /** names; all when there are none */
  readonly experiments: readonly string[];
  /** runs that started then or later */
  readonly since: Date | null;
  /** deleted experiments and runs too */
  readonly deleted: boolean;
}

/** After so many runs that fail, something else is wrong than a run. */
const MOST_FAILURES = 20;

/** The runs of one experiment that are here already, by their id at the source. */
type Known = Map<string, { readonly runId: string; readonly whole: boolean; readonly deleted: boolean }>;

/** Brings a server's history. What was brought before is left as it is, what was cut short is completed. */
export async function bring(ends: Ends, wanted: Wanted, account: Account, tell: () => void): Promise<void> {
  const here = new Here();
  const experiments = await experimentsWanted(ends, wanted);
  for (const experiment of experiments) {
    await new ExperimentImport(ends, account, tell, here).bring(experiment, wanted);
    account.experiments++;
    tell();
  }
  await bringLoggedModels(ends, here, wanted.since, account, tell);
  await bringModels(ends, here, account, wanted.experiments.length === 0 && wanted.since === null);
  // last, as nobody logs to what is deleted
  await together(here.runsToDelete, async (run_id) => void (await ends.destination.post("runs/delete", { run_id })));
  for (const experiment_id of here.experimentsToDelete) await ends.destination.post("experiments/delete", { experiment_id });
  account.stays = await whatStays(ends.source, experiments, wanted);
}

/** The experiments that are asked for; one that is not there is refused before anything is done. */
export async function experimentsWanted({ source }: Pick<Ends, "source">, { experiments, deleted }: Wanted): Promise<Experiment[]> {
  const all: Experiment[] = [];
  for await (const each of experimentsOf(source, viewOf(deleted))) all.push(each);
  const unknown = experiments.find((name) => !all.some((each) => each.name === name));
  if (unknown !== undefined) {
    const names = all.map(({ name }) => name);
    throw new NotFound(`${source.url} has no experiment "${unknown}". It has ${names.slice(0, 20).join(", ")}${names.length > 20 ? ", …" : ""}.`); // biome-ignore format: one sentence
  }
  return experiments.length === 0 ? all : all.filter(({ name }) => experiments.includes(name));
}

/** The condition on runs, in MLflow's words. */
export const filterOf = ({ since }: Wanted): string => (since === null ? "" : `attributes.start_time >= ${since.getTime()}`);

export const viewOf = (deleted: boolean): View => (deleted ? "ALL" : "ACTIVE_ONLY");

/** One experiment on its way. */
class ExperimentImport {
  readonly #ends: Ends;
  readonly #account: Account;
  readonly #tell: () => void;
  readonly #here: Here;
  /** parents that were made for a child, and that the list of runs has not come to (yet) */
  readonly #owed = new Map<string, MlflowRun>();
  readonly #seen = new Set<string>();
  readonly #begun = new Map<string, Promise<string>>();
  #known: Known = new Map();
  #experimentId = "";
  #deletesRuns = true;

  constructor(ends: Ends, account: Account, tell: () => void, here: Here) {
    this.#ends = ends;
    this.#account = account;
    this.#tell = tell;
    this.#here = here;
  }

  async bring(experiment: Experiment, wanted: Wanted): Promise<void> {
    const { source } = this.#ends;
    this.#experimentId = await ensureExperiment(this.#ends, experiment);
    this.#here.experiments.set(experiment.experiment_id, this.#experimentId);
    this.#deletesRuns = experiment.lifecycle_stage !== "deleted"; // the runs of a deleted one are restored with it
    if (!this.#deletesRuns) this.#here.experimentsToDelete.push(this.#experimentId);
    this.#known = await this.#knownRuns();
    await together(runsOf(source, [experiment.experiment_id], filterOf(wanted), viewOf(wanted.deleted)), (run) => {
      this.#account.runs.found++;
      return this.#whole(run);
    });
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
      this.#here.runs.set(run.info.run_id, known.runId);
      runs.thereAlready++;
      this.#note(run, known.runId);
      return this.#tell();
    }
    try {
      const parent = await this.#parent(run);
      const runId = await this.#made(run, parent);
      await fillRun(this.#ends, run, runId, parent, this.#account);
      this.#note(run, runId);
      runs.brought++;
    } catch (error) {
      runs.failed++;
      differences.push(`run ${run.info.run_id} is not whole: ${messageOf(error)}`);
      if (runs.failed >= MOST_FAILURES) throw error;
    }
    this.#tell();
  }

  /** What is done with a run when all of them are here. */
  #note(run: MlflowRun, runId: string): void {
    if (this.#here.deletedRuns.has(runId)) return;
    this.#here.noteLinks(runId, run);
    if (this.#deletesRuns && run.info.lifecycle_stage === "deleted") this.#here.runsToDelete.push(runId);
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
    this.#here.runs.set(run.info.run_id, runId);
    return runId;
  }

  /** The id here of the run that a run is a child of. One that started later is made first; one that is gone is told. */
  async #parent(run: MlflowRun): Promise<string | null> {
    const id = parentOf(run);
    if (id === null || id === run.info.run_id) return null;
    const here = this.#here.runs.get(id) ?? this.#known.get(id)?.runId;
    if (here !== undefined) return here;
    try {
      const { run: parent } = await this.#ends.source.get<{ run: MlflowRun }>("runs/get", { run_id: id });
      if ((this.#deletesRuns && parent.info.lifecycle_stage === "deleted") || parent.info.experiment_id !== run.info.experiment_id) {
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

  /** Runs that an import brought before, also those that somebody has deleted since: these stay as they are. */
  async #knownRuns(): Promise<Known> {
    const { source, destination } = this.#ends;
    const known: Known = new Map();
    const filter = `tags.\`${TAGS.from}\` = '${source.url.replaceAll("'", "")}'`;
    for await (const run of runsOf(destination, [this.#experimentId], filter, "ALL")) {
      const tags = new Map(run.data?.tags?.map(({ key, value }) => [key, value]));
      const deleted = run.info.lifecycle_stage === "deleted";
      const from = tags.get(TAGS.run);
      if (from === undefined) continue;
      known.set(from, { runId: run.info.run_id, whole: deleted || tags.get(TAGS.state) === WHOLE, deleted });
      if (deleted) this.#here.deletedRuns.add(run.info.run_id);
      this.#here.noteLinked(run);
    }
    return known;
  }
}

/** The experiment here; one that an import has deleted here, as it is deleted there, is restored meanwhile. */
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
  const { experiment: found } = await destination.get<{ experiment: Experiment }>("experiments/get-by-name", {
    experiment_name: experiment.name,
  });
  if (found.lifecycle_stage !== "deleted") return found.experiment_id;
  if (experiment.lifecycle_stage === "deleted") {
    await destination.post("experiments/restore", { experiment_id: found.experiment_id });
    return found.experiment_id;
  }
  throw new MlflowRefusal(
    409,
    "INVALID_STATE",
    `The experiment "${experiment.name}" is deleted here. Restore it first, or leave it out with --experiment.`,
  );
}
