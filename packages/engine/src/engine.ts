import type {
  GcReport,
  InteractiveRun,
  RunDetails,
  RunDiff,
  RunFile,
  Submission,
  Sweep,
  SweepJournal,
  SweepLimits,
  SweepReplay,
  SweepReport,
  SweepSubmission,
  SweepTrial,
  TrialWish,
  Why,
} from "@switchyard/protocol";
import { Conflict, NotFound, type RunError } from "@switchyard/protocol";
import type { RunRecord, RunView } from "@switchyard/store";
import { systemClock } from "./clock.ts";
import { Allocations } from "./clusters/allocations.ts";
import { ClusterReconciler } from "./clusters/driving/clusterReconciler.ts";
import { type ClusterCatalog, noClusters } from "./clusters/managedCluster.ts";
import type { EngineContext } from "./context.ts";
import { diffRuns } from "./diff/diffRuns.ts";
import { collectGarbage, type GcOptions, type SiteCleaner } from "./gc.ts";
import { runDetails } from "./present/runDetails.ts";
import { listFiles, resolveFile } from "./present/runFiles.ts";
import { Reconciler } from "./reconciler/reconciler.ts";
import { toldByChange } from "./reconciler/save.ts";
import { lastAttempt } from "./runs/attempts.ts";
import { afterCancelRequested } from "./runs/cancel.ts";
import { HYPERDRIVE_RUN, isCarried } from "./runs/carried.ts";
import { cleanRun, jobsLeftOf } from "./runs/clean.ts";
import { end } from "./runs/transitions.ts";
import { WebServices } from "./services/services.ts";
import { DEFAULT_SETTINGS, type EngineSettings } from "./settings.ts";
import { endInteractive, failSubmitted, type InteractiveEnd, startInteractive } from "./submit/interactive.ts";
import { type RerunOverrides, rerunRun } from "./submit/rerun.ts";
import { type SubmitOptions, submitRun } from "./submit/submit.ts";
import { changeTracked, startTracked, type TrackedChange, type TrackedRunWishes } from "./submit/tracked.ts";
import { addTrials, cancelSweep, lendTrial, reopenSweep, stopSweep } from "./sweeps/driving/changeSweep.ts";
import { makeTrial } from "./sweeps/driving/makeTrial.ts";
import type { Minds } from "./sweeps/driving/minds.ts";
import { presentSweep } from "./sweeps/driving/presentSweep.ts";
import { replay, replayJournal } from "./sweeps/driving/replay.ts";
import { reportSweep } from "./sweeps/driving/reportSweep.ts";
import { submitSweep } from "./sweeps/driving/submitSweep.ts";
import { SweepReader } from "./sweeps/driving/sweepReader.ts";
import { SweepReconciler } from "./sweeps/driving/sweepReconciler.ts";
import { decide } from "./sweeps/policies/decide.ts";
import { suggest } from "./sweeps/samplers/samplers.ts";
import { takeJournal } from "./telemetry/takeJournal.ts";
import { type LocalKnowledge, whyOf } from "./why/why.ts";

/** What an engine is made of; settings that are left out have their defaults. */
export type EngineOptions = Omit<EngineContext, "settings" | "clock" | "vault" | "data" | "clusters" | "allocations" | "makeCluster"> & {
  readonly vault?: EngineContext["vault"];
  readonly data?: EngineContext["data"];
  readonly settings?: Partial<EngineSettings>;
  readonly clock?: EngineContext["clock"];
  readonly clusters?: ClusterCatalog;
  readonly makeCluster?: EngineContext["makeCluster"];
  /** told of every run that has ended */
  readonly onEnded?: (run: RunRecord) => void;
  /** frees what jobs left where they ran; without one, only blobs are freed */
  readonly site?: SiteCleaner;
};

const MINDS: Minds = { suggest, judge: decide };

/** Decides what becomes of runs: takes submissions, drives runs to their end, and answers for them. */
export class Engine {
  readonly services: WebServices;
  readonly #context: EngineContext;
  readonly #reconciler: Reconciler;
  readonly #clusters: ClusterReconciler;
  readonly #sweeps: SweepReconciler;
  readonly #sweepReader: SweepReader;
  readonly #site: SiteCleaner | undefined;

  constructor({
    site,
    settings,
    clock,
    vault = null,
    data = null,
    clusters = noClusters,
    makeCluster = null,
    onEnded,
    ...rest
  }: EngineOptions) {
    const allocations = new Allocations(clusters);
    const own = { vault, data, clusters, allocations, makeCluster, clock: clock ?? systemClock };
    this.#context = { ...rest, ...own, settings: { ...DEFAULT_SETTINGS, ...settings } };
    this.#reconciler = new Reconciler(this.#context, (run) => {
      this.#clusters.runChanged(run.workspace, run.target);
      this.#sweeps.runChanged(run.parentId);
      if (run.state === "ended") onEnded?.(run);
    });
    this.#clusters = new ClusterReconciler(this.#context, (runId) => this.wake(runId));
    this.#sweeps = new SweepReconciler(this.#context, MINDS, {
      wake: (runId) => this.wake(runId),
      cancel: (runId, graceSeconds, reason) => this.#cancelRun(runId, graceSeconds, reason),
    });
    this.#sweepReader = new SweepReader(this.#context.store);
    this.services = new WebServices(this.#context);
    this.#site = site;
  }

  /** Begins to look after runs and web services. */
  start(): void {
    this.#reconciler.start();
    this.#clusters.start();
    this.#sweeps.start();
    this.services.start();
  }

  /** Stops looking after runs and clusters, which go on; waits for what is under way and gives the leases back. */
  async stop(): Promise<void> {
    await this.#sweeps.stop();
    await Promise.all([this.services.stop(), this.#clusters.stop(), this.#reconciler.stop()]);
  }

  /** Looks at the nodes of a cluster soon, as somebody changed it. */
  wakeCluster(id: string): void {
    this.#clusters.wake(id);
  }

  /** Looks at a run now; for one that nobody looks after, looks for an owner. */
  wake(runId: string): void {
    this.#reconciler.wake(runId);
  }

  /** How late the most overdue look at a run is, for monitoring. */
  lagSeconds(): number {
    return this.#reconciler.lagSeconds();
  }

  async submit(workspace: string, submission: Submission, options: SubmitOptions): Promise<RunRecord> {
    return this.#woken(await submitRun(this.#context, workspace, submission, options));
  }

  /** Submits the code and configuration of an earlier run again. */
  async rerun(runId: string, overrides: RerunOverrides, options: SubmitOptions): Promise<RunRecord> {
    return this.#woken(await rerunRun(this.#context, runId, overrides, options));
  }

  /** Records the wish that a run stops; a run already over is not an error. With a sweep, its trials are stopped. */
  async cancel(runId: string, graceSeconds: number): Promise<RunRecord> {
    const { store } = this.#context;
    const run = await store.runs.get(runId);
    if (run?.type !== HYPERDRIVE_RUN) return await this.#cancelRun(runId, graceSeconds, null);
    await cancelSweep(this.#context, runId, graceSeconds);
    this.#sweeps.wake(runId);
    return (await store.runs.get(runId)) ?? run;
  }

  async #cancelRun(runId: string, graceSeconds: number, reason: RunError | null): Promise<RunRecord> {
    const { store, clock } = this.#context;
    for (;;) {
      const was = await store.runs.get(runId);
      if (was === undefined) throw new NotFound(`There is no run "${runId}".`);
      const now = clock.now();
      const wished = afterCancelRequested(was, graceSeconds, now, reason);
      if (wished === was) return was;
      const told = { at: now, attempt: null, what: "cancel_requested", detail: reason?.message ?? `grace ${graceSeconds} s` };
      // Nobody can be told to stop a run that is executed elsewhere: it is over as far as we are concerned.
      const next = isCarried(was)
        ? wished
        : { ...end(wished, { outcome: "canceled", error: wished.cancelReason, endedAt: now }), removedAt: now };
      if (await store.runs.replace(was, next, [told, ...toldByChange(was, next, now)]))
        return this.#woken({ ...next, version: was.version + 1 });
    }
  }

  /** Records the wish that what an ended run left on its compute goes now; says which jobs' directories are still there. */
  async clean(runId: string): Promise<readonly string[]> {
    return jobsLeftOf(this.#woken(await cleanRun(this.#context, runId)));
  }

  /** Records a run that somebody else executes. */
  startInteractive(workspace: string, wishes: InteractiveRun, options: SubmitOptions): Promise<RunRecord> {
    return startInteractive(this.#context, workspace, wishes, options);
  }

  /** Ends a run of somebody else's doing; a submitted one can be declared failed, which stops it. */
  async endInteractive(runId: string, ending: InteractiveEnd): Promise<RunRecord> {
    const run = await this.#context.store.runs.get(runId);
    if (run?.type === HYPERDRIVE_RUN)
      throw new Conflict(
        `Run ${runId} is a sweep, which ends with its trials. To end it now: switchyard sweep stop -r ${runId}, or cancel it.`,
      );
    if (run !== undefined && isCarried(run) && ending.status === "Failed") {
      return this.#woken(await failSubmitted(this.#context, runId, ending.error));
    }
    return endInteractive(this.#context, runId, ending);
  }

  /** Records a run that an MLflow client executes. */
  startTracked(workspace: string, wishes: TrackedRunWishes): Promise<RunRecord> {
    return startTracked(this.#context, workspace, wishes);
  }

  /** Changes where a run stands as an MLflow client says; of a submitted run it is a note. */
  changeTracked(runId: string, change: TrackedChange): Promise<void> {
    return changeTracked(this.#context, runId, change);
  }

  /** Submits a sweep: a parent run whose trials are submitted as the sampler suggests them. */
  async submitSweep(workspace: string, submission: SweepSubmission, options: SubmitOptions): Promise<RunRecord> {
    const parent = await submitSweep(this.#context, workspace, submission, options);
    this.#sweeps.wake(parent.id);
    return parent;
  }

  /** A sweep with its trials as they stand now. */
  async sweep(runId: string): Promise<Sweep> {
    const { store, clock } = this.#context;
    const parent = await store.runs.get(runId);
    if (parent === undefined) throw new NotFound(`There is no run "${runId}".`);
    // after the run: a sweep that is shown as over is shown with all that its journal says
    const state = await this.#sweepReader.read(runId);
    return await presentSweep(store, parent, state, clock.now());
  }

  /** Makes no more trials; with `cancels`, stops those that run. */
  async stopSweep(runId: string, cancels: boolean, user: string | null): Promise<void> {
    await stopSweep(this.#context, runId, cancels, user);
    this.#sweeps.wake(runId);
  }

  /** Lets a sweep go on, with other limits where they are given. */
  async reopenSweep(runId: string, limits: SweepLimits, user: string | null): Promise<void> {
    await reopenSweep(this.#context, runId, limits, user);
    this.#sweeps.wake(runId);
  }

  /** Has values tried that an optimiser elsewhere chose. */
  async addTrials(runId: string, wishes: readonly TrialWish[]): Promise<SweepTrial[]> {
    const { trials } = await addTrials(this.#context, runId, wishes);
    this.#sweeps.wake(runId);
    const sweep = await this.sweep(runId);
    return trials.flatMap((number) => sweep.trials[number] ?? []);
  }

  /** Suggests a trial to somebody who tries it elsewhere; its run is there when this is answered. */
  async lendTrial(runId: string, key: string | undefined): Promise<SweepTrial> {
    const trial = await lendTrial(this.#context, runId, key, MINDS);
    const [parent, state] = [await this.#context.store.runs.get(runId), await this.#sweepReader.read(runId)];
    if (parent !== undefined) await makeTrial(this.#context, parent, state, trial);
    this.#sweeps.wake(runId);
    return (await this.sweep(runId)).trials[trial.number] as SweepTrial;
  }

  /** What came of a sweep, in numbers. */
  async reportSweep(runId: string): Promise<SweepReport> {
    const sweep = await this.sweep(runId);
    return reportSweep(sweep, await this.#sweepReader.read(runId));
  }

  /** Decides everything about a sweep again from what was observed, and compares. */
  async replaySweep(runId: string): Promise<SweepReplay> {
    await this.#sweepReader.read(runId); // NotFound when it is none
    return replay(runId, await this.#context.store.sweeps.entries(runId), MINDS);
  }

  /** The same for a journal that another server wrote. BadRequest when it is none. */
  replayJournal(journal: SweepJournal): SweepReplay {
    return replayJournal(journal, MINDS);
  }

  /** Takes journal lines that came over HTTP; returns the number of the last record taken of this writer. */
  takeJournal(runId: string, writer: string, bytes: Uint8Array): Promise<number> {
    return takeJournal(this.#context, runId, writer, bytes);
  }

  /** What a run waits for or died of, in words. */
  why(runId: string): Promise<Why> {
    return whyOf(this.#context, runId, this.#knownOf(runId));
  }

  #knownOf(runId: string): LocalKnowledge {
    return {
      trouble: this.#reconciler.troubleOf(runId),
      sweepTrouble: this.#sweeps.troubleOf(runId),
      line: this.#reconciler.lineOf(runId),
      factsOf: (cluster) => this.#clusters.factsOf(cluster),
      about: (other) => this.#knownOf(other),
    };
  }

  diff(a: string, b: string): Promise<RunDiff> {
    return diffRuns(this.#context, a, b);
  }

  collectGarbage(options: GcOptions): Promise<GcReport> {
    return collectGarbage(this.#context, options, this.#site);
  }

  runDetails(view: RunView, urlOf: (path: string) => string): Promise<RunDetails> {
    return runDetails(this.#context.artifacts, view, urlOf);
  }

  /** Files of a run as people see them. */
  async listFiles(runId: string, prefix = ""): Promise<RunFile[]> {
    return listFiles(this.#context.artifacts, runId, await this.#lastAttempt(runId), prefix);
  }

  /** Where in artifacts the file lies that people see at `publicPath`. */
  async resolveFile(runId: string, publicPath: string): Promise<string> {
    return resolveFile(this.#context.artifacts, runId, await this.#lastAttempt(runId), publicPath);
  }

  async #lastAttempt(runId: string): Promise<number> {
    const run = await this.#context.store.runs.get(runId);
    if (run === undefined) throw new NotFound(`There is no run "${runId}".`);
    return lastAttempt(run.attempts)?.number ?? 1;
  }

  #woken(run: RunRecord): RunRecord {
    this.wake(run.id);
    return run;
  }
}
