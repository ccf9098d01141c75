import type { JsonObject, RunDetails, RunStatus, Submission, Sweep, SweepLimits, SweepReport, SweepTrial } from "@switchyard/protocol";
import type { SwitchyardClient } from "../client.ts";
import { WATCHING_AWAY_SECONDS } from "../retry.ts";
import type { HyperDriveConfig } from "./config.ts";

/** A trial as `getChildrenSortedByPrimaryMetric` lists it. */
export interface RankedChild {
  readonly runId: string;
  readonly hyperparameters: JsonObject;
  readonly bestPrimaryMetric: number | null;
  readonly status: RunStatus | null;
}

const WAIT_SECONDS = 30;

/** A sweep, with the words of Azure ML v1's class of this name. */
export class HyperDriveRun {
  readonly runId: string;
  readonly #client: SwitchyardClient;
  readonly #params: { readonly workspace: string; readonly runId: string };

  constructor(client: SwitchyardClient, workspace: string, runId: string) {
    this.runId = runId;
    this.#client = client;
    this.#params = { workspace, runId };
  }

  /** Submits a script as a sweep: `run` is what a single run would be, whose arguments all trials share. */
  static async submit(client: SwitchyardClient, workspace: string, run: Submission, config: HyperDriveConfig): Promise<HyperDriveRun> {
    const body = { ...run, sweep: config.toJSON(), generates: config.generates };
    const { runId } = await client.submitSweep({ params: { workspace }, body, idempotencyKey: crypto.randomUUID() });
    return new HyperDriveRun(client, workspace, runId);
  }

  /** How it stands, with all trials. */
  get(): Promise<Sweep> {
    return this.#client.getSweep({ params: this.#params, query: {} });
  }

  /** Waits until it is over, also over restarts of the server; told of it whenever its journal has grown. */
  async waitForCompletion(told: (sweep: Sweep) => void = () => {}, signal?: AbortSignal): Promise<Sweep> {
    let sweep = await this.get();
    for (;;) {
      told(sweep);
      if (sweep.endTimeUtc !== null) return sweep;
      sweep = await this.#client.getSweep({
        params: this.#params,
        query: { after: sweep.entries, waitSeconds: WAIT_SECONDS },
        awaySeconds: WATCHING_AWAY_SECONDS,
        ...(signal === undefined ? {} : { signal }),
      });
    }
  }

  /** The run of the best trial, the earliest of equals; null when none logged the metric. */
  async getBestRunByPrimaryMetric({ includeFailed = true, includeCanceled = true } = {}): Promise<RunDetails | null> {
    const [best] = ranked(await this.get()).filter(
      ({ score, state }) =>
        score !== null && (includeFailed || state !== "failed") && (includeCanceled || (state !== "canceled" && state !== "stopped")),
    );
    if (best === undefined) return null;
    return await this.#client.getRun({ params: { ...this.#params, runId: best.runId } });
  }

  /** Trials, best first, those without the metric last unless discarded; `reverse` does not move those. `top` 0: all. */
  async getChildrenSortedByPrimaryMetric({ top = 0, reverse = false, discardNoMetric = false } = {}): Promise<RankedChild[]> {
    const all = ranked(await this.get());
    const scored = all.filter(({ score }) => score !== null);
    const others = discardNoMetric ? [] : all.filter(({ score }) => score === null);
    const sorted = [...(reverse ? scored.toReversed() : scored), ...others];
    return (top > 0 ? sorted.slice(0, top) : sorted).map(({ runId, values, score, status }) => ({
      runId,
      hyperparameters: values,
      bestPrimaryMetric: score,
      status,
    }));
  }

  /** The values of every trial, by its run's id. */
  async getHyperparameters(): Promise<Record<string, JsonObject>> {
    return Object.fromEntries((await this.get()).trials.map(({ runId, values }) => [runId, values]));
  }

  /** The best value of the primary metric of every trial that has one, by its run's id. */
  async getMetrics(): Promise<Record<string, number>> {
    return Object.fromEntries((await this.get()).trials.flatMap(({ runId, score }) => (score === null ? [] : [[runId, score]])));
  }

  /** Stops the trials and ends the sweep as canceled. */
  async cancel(graceSeconds = 30): Promise<void> {
    await this.#client.cancelRun({ params: this.#params, body: { graceSeconds } });
  }

  /** Makes no more trials; with `cancelRunning`, stops those that run. */
  stop({ cancelRunning = false } = {}): Promise<Sweep> {
    return this.#client.stopSweep({ params: this.#params, body: { cancelRunning } });
  }

  /** Lets a sweep go on that was stopped. */
  resume(): Promise<Sweep> {
    return this.#client.resumeSweep({ params: this.#params, body: {} });
  }

  /** Gives it other limits; one that is over goes on. */
  extend(limits: SweepLimits): Promise<Sweep> {
    return this.#client.extendSweep({ params: this.#params, body: limits });
  }

  report(): Promise<SweepReport> {
    return this.#client.reportSweep({ params: this.#params });
  }

  /** Has the sweep's sampler suggest a trial that you try yourself: log to its run, and end that. `key` makes a repeat the same trial. */
  suggest(key: string = crypto.randomUUID()): Promise<SweepTrial> {
    return this.#client.lendTrial({ params: this.#params, body: { key } });
  }

  /** Has values tried that an optimiser of your own chose; `key` makes a repeated wish the same trial. */
  async addTrial(values: JsonObject, key: string = crypto.randomUUID()): Promise<SweepTrial> {
    const [trial] = await this.#client.addTrials({ params: this.#params, body: { trials: [{ values, key }] } });
    return trial as SweepTrial;
  }
}

function ranked({ trials, configuration }: Sweep): SweepTrial[] {
  const sign = configuration.primaryMetricGoal === "maximize" ? -1 : 1;
  const placeOf = ({ score }: SweepTrial) => (score === null ? Number.POSITIVE_INFINITY : sign * score);
  return trials.toSorted((a, b) => {
    const [x, y] = [placeOf(a), placeOf(b)];
    return x === y ? a.trial - b.trial : x - y;
  });
}
