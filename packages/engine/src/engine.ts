import type { GcReport, InteractiveRun, RunDetails, RunDiff, RunFile, Submission, Why } from "@switchyard/protocol";
import { NotFound } from "@switchyard/protocol";
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
import { isCarried } from "./runs/carried.ts";
import { end } from "./runs/transitions.ts";
import { WebServices } from "./services/services.ts";
import { DEFAULT_SETTINGS, type EngineSettings } from "./settings.ts";
import { endInteractive, failSubmitted, type InteractiveEnd, startInteractive } from "./submit/interactive.ts";
import { type RerunOverrides, rerunRun } from "./submit/rerun.ts";
import { type SubmitOptions, submitRun } from "./submit/submit.ts";
import { changeTracked, startTracked, type TrackedChange, type TrackedRunWishes } from "./submit/tracked.ts";
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

/** Decides what becomes of runs: takes submissions, drives runs to their end, and answers for them. */
export class Engine {
  readonly services: WebServices;
  readonly #context: EngineContext;
  readonly #reconciler: Reconciler;
  readonly #clusters: ClusterReconciler;
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
      if (run.state === "ended") onEnded?.(run);
    });
    this.#clusters = new ClusterReconciler(this.#context, (runId) => this.wake(runId));
    this.services = new WebServices(this.#context);
    this.#site = site;
  }

  /** Begins to look after runs and web services. */
  start(): void {
    this.#reconciler.start();
    this.#clusters.start();
    this.services.start();
  }

  /** Stops looking after runs and clusters, which go on; waits for what is under way and gives the leases back. */
  async stop(): Promise<void> {
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

  /** Records the wish that a run stops; a run already over is not an error. */
  async cancel(runId: string, graceSeconds: number): Promise<RunRecord> {
    const { store, clock } = this.#context;
    for (;;) {
      const was = await store.runs.get(runId);
      if (was === undefined) throw new NotFound(`There is no run "${runId}".`);
      const now = clock.now();
      const wished = afterCancelRequested(was, graceSeconds, now);
      if (wished === was) return was;
      const told = { at: now, attempt: null, what: "cancel_requested", detail: `grace ${graceSeconds} s` };
      // Nobody can be told to stop a run that is executed elsewhere: it is over as far as we are concerned.
      const next = isCarried(was) ? wished : { ...end(wished, { outcome: "canceled", error: null, endedAt: now }), removedAt: now };
      if (await store.runs.replace(was, next, [told, ...toldByChange(was, next, now)]))
        return this.#woken({ ...next, version: was.version + 1 });
    }
  }

  /** Records a run that somebody else executes. */
  startInteractive(workspace: string, wishes: InteractiveRun, options: SubmitOptions): Promise<RunRecord> {
    return startInteractive(this.#context, workspace, wishes, options);
  }

  /** Ends a run of somebody else's doing; a submitted one can be declared failed, which stops it. */
  async endInteractive(runId: string, ending: InteractiveEnd): Promise<RunRecord> {
    const run = await this.#context.store.runs.get(runId);
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

  /** Takes journal lines that came over HTTP; returns the number of the last record taken of this writer. */
  takeJournal(runId: string, writer: string, bytes: Uint8Array): Promise<number> {
    return takeJournal(this.#context, runId, writer, bytes);
  }

  /** What a run waits for or died of, in words. */
  why(runId: string): Promise<Why> {
    const known: LocalKnowledge = {
      trouble: this.#reconciler.troubleOf(runId),
      line: this.#reconciler.lineOf(runId),
      factsOf: (cluster) => this.#clusters.factsOf(cluster),
    };
    return whyOf(this.#context, runId, known);
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
