import { ComputeUnreachable, failPoint } from "@switchyard/protocol";
import type {
  ComputeDriver,
  DriverFeatures,
  Health,
  JobBundle,
  JobHandle,
  Observation,
  OutputFile,
  StopReason,
  WatchedJob,
} from "../contract.ts";
import type { Look, WatchedDirectory } from "./look.ts";
import { RecentActions } from "./recentActions.ts";
import type { Site } from "./site.ts";
import { directoryOf, siteHandle } from "./siteHandle.ts";
import { plainSeconds } from "./words.ts";

const LAUNCH_AGAIN_AFTER_SECONDS = 5;
const FINISH_AGAIN_AFTER_SECONDS = 5;

/** Runs each job on one machine, in a directory of its own under a supervisor that outlives this process. */
export class SiteDriver implements ComputeDriver {
  readonly name: string;
  readonly features: DriverFeatures;
  readonly #site: Site;
  readonly #recent = new RecentActions();

  constructor(name: string, features: DriverFeatures, site: Site) {
    this.name = name;
    this.features = features;
    this.#site = site;
    if (site.listen !== undefined) this.listen = (wake) => site.listen?.(wake) ?? (() => {});
  }

  listen?: (wake: (jobId: string) => void) => () => void;

  check(signal: AbortSignal): Promise<Health> {
    return this.#site.check(signal);
  }

  async start(bundle: JobBundle, signal: AbortSignal): Promise<JobHandle> {
    const directory = await this.#site.stage(bundle, signal);
    this.#recent.note(`launch ${directory}`);
    // A job that was launched before has its attempt claimed: then this supervisor finds that out and leaves.
    await this.#launch(directory, signal);
    failPoint("start.after-launch");
    return siteHandle(this.name, bundle.id, directory, await this.#site.identify(signal));
  }

  async find(jobId: string, signal: AbortSignal): Promise<JobHandle | null> {
    const host = await this.#site.identify(signal);
    const directory = await this.#site.directoryOf(jobId, signal);
    const [look] = await this.#site.look([{ jobId, directory, cursors: [] }], 0, signal);
    return look === undefined || look.standing.phase === "missing" ? null : siteHandle(this.name, jobId, directory, host);
  }

  async observe(jobs: readonly WatchedJob[], budgetBytes: number, signal: AbortSignal): Promise<Observation[]> {
    signal.throwIfAborted();
    const host = await this.#site.identify(signal);
    const watched = jobs.map(({ handle, cursors }) => find(handle, cursors, host));
    const reachable = watched.filter((each): each is WatchedDirectory => !(each instanceof ComputeUnreachable));
    const unreachable = watched.find((each) => each instanceof ComputeUnreachable);
    if (reachable.length === 0 && unreachable !== undefined) throw unreachable;
    const looks = await this.#site.look(reachable, budgetBytes, signal);
    const observations = await Promise.all(looks.map((look, index) => this.#helpOn(look, reachable[index]?.directory ?? "", signal)));
    let next = 0;
    return watched.map((each, index) =>
      each instanceof ComputeUnreachable ? untold(jobs[index]?.handle.jobId ?? "", each) : (observations[next++] as Observation),
    );
  }

  async manifest(handle: JobHandle, signal: AbortSignal): Promise<readonly OutputFile[]> {
    return this.#site.manifest(await this.#directoryOf(handle, signal), signal);
  }

  async *read(handle: JobHandle, path: string, from: number, signal: AbortSignal): AsyncIterable<Uint8Array> {
    yield* this.#site.read(await this.#directoryOf(handle, signal), path, from, signal);
  }

  async cancel(handle: JobHandle, graceSeconds: number, signal: AbortSignal, because: StopReason = "canceled"): Promise<void> {
    const directory = await this.#directoryOf(handle, signal);
    const [look] = await this.#site.look([{ jobId: handle.jobId, directory, cursors: [] }], 0, signal);
    if (look === undefined || look.standing.phase === "missing" || look.standing.phase === "exited") return;
    await this.#recent.unlessDone(`stop ${graceSeconds} ${directory}`, 1, () =>
      this.#site.supervise(directory, "stop", [plainSeconds(graceSeconds), because], signal),
    );
  }

  async remove(handle: JobHandle, signal: AbortSignal): Promise<void> {
    await this.#site.remove(await this.#directoryOf(handle, signal), signal);
  }

  #launch(directory: string, signal: AbortSignal): Promise<void> {
    return this.#site.supervise(directory, "run", [], signal);
  }

  async #directoryOf(handle: JobHandle, signal: AbortSignal): Promise<string> {
    return directoryOf(handle, await this.#site.identify(signal));
  }

  /** A job that nobody claimed is launched once more; one whose supervisor died gets another to write down its end. */
  async #helpOn({ standing, observation, complaint }: Look, directory: string, signal: AbortSignal): Promise<Observation> {
    if (standing.phase === "abandoned") {
      await this.#recent.unlessDone(`finish ${directory}`, FINISH_AGAIN_AFTER_SECONDS, () =>
        this.#site.supervise(directory, "finish", [`${standing.attempt}`], signal),
      );
    }
    if (standing.phase !== "unclaimed") return observation;
    await this.#recent.unlessDone(`launch ${directory}`, LAUNCH_AGAIN_AFTER_SECONDS, () => this.#launch(directory, signal));
    return complaint === null ? observation : { ...observation, phase: "waiting", because: complaint };
  }
}

function find(
  handle: JobHandle,
  cursors: WatchedJob["cursors"],
  host: Parameters<typeof directoryOf>[1],
): WatchedDirectory | ComputeUnreachable {
  try {
    return { jobId: handle.jobId, directory: directoryOf(handle, host), cursors };
  } catch (error) {
    if (error instanceof ComputeUnreachable) return error;
    throw error;
  }
}

/** Among jobs that can be looked at, one that cannot is as it was. */
const untold = (jobId: string, error: Error): Observation => ({ jobId, attempt: 0, grown: [], phase: "waiting", because: error.message });
