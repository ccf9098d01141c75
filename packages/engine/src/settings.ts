import { availableParallelism } from "node:os";
import { type ClusterLimits, DEFAULT_LIMITS } from "./clusters/limits.ts";

/** What an operator may set about the engine. Durations are in seconds unless the name says otherwise. */
export interface EngineSettings {
  /** a job without trace for this long is lost */
  readonly lostAfterSeconds: number;
  /** the same when a stop was asked for: then nothing needs to come back */
  readonly lostAfterCancelSeconds: number;
  /** a compute silent for this long makes its runs say NotResponding */
  readonly notRespondingAfterSeconds: number;
  /** a compute silent for this long has lost its runs */
  readonly unreachableLostAfterSeconds: number;
  /** a run that is executed outside and silent for this long is said to be so; it stays as it is */
  readonly quietAfterSeconds: number;
  /** how long to wait for the last bytes of an ended attempt that a file's final size promises */
  readonly drainSeconds: number;
  /** how long a run directory stays after its run ended and everything is home */
  readonly keepRunDirectoriesSeconds: number;
  /** the same for runs that were lost: what they left may be all there is */
  readonly keepLostRunDirectoriesSeconds: number;
  /** runs that may be starting or running at once, by target; the local one's default */
  readonly maxConcurrentRuns: number;
  /** jobs being placed at once */
  readonly maxConcurrentStarts: number;
  /** runs whose outputs are brought home at once */
  readonly maxConcurrentCollects: number;
  /** the shortest and the longest pause between two looks at one run */
  readonly minLookMs: number;
  readonly maxLookMs: number;
  /** a call to a driver that takes longer is given up and made again */
  readonly observeTimeoutSeconds: number;
  /** bytes one look at a driver may bring */
  readonly observeBudgetBytes: number;
  readonly leaseSeconds: number;
  /** how often other servers' changes and runs without an owner are looked for */
  readonly pollMs: number;
  readonly runTokenDays: number;
  /** own images in place of others: by name, or `cpu` and `gpu` for the default images of v1 */
  readonly images: Readonly<Record<string, string>>;
  /** virtual cores that all clusters and compute instances of a workspace may have together, by priority */
  readonly dedicatedCoreQuota: number;
  readonly lowpriorityCoreQuota: number;
  /** the most nodes of a cluster and of a run, and the most targets of a workspace */
  readonly nodesPerCluster: number;
  readonly nodesPerRun: number;
  readonly targetsPerWorkspace: number;
  /** the longest that a run may take on a cluster whose nodes we make, by priority */
  readonly dedicatedRunSeconds: number;
  readonly lowpriorityRunSeconds: number;
  /** how long a node may prepare before it counts as broken */
  readonly nodePrepareTimeoutSeconds: number;
  /** how long a broken node stays, so that one that cannot be made is not made again at once */
  readonly unusableNodeSeconds: number;
  /** how long a node that was preempted is still shown */
  readonly preemptedNodeSeconds: number;
  /** a node that no server has asked after for so long ends by itself, unless a job has it */
  readonly nodeExpirySeconds: number;
}

/** What holds when nobody set anything. */
export const DEFAULT_SETTINGS: EngineSettings = {
  lostAfterSeconds: 300,
  lostAfterCancelSeconds: 30,
  notRespondingAfterSeconds: 60,
  unreachableLostAfterSeconds: 7 * 24 * 3600,
  quietAfterSeconds: 3600,
  drainSeconds: 30,
  keepRunDirectoriesSeconds: 0,
  keepLostRunDirectoriesSeconds: 7 * 24 * 3600,
  maxConcurrentRuns: 4 * availableParallelism(),
  maxConcurrentStarts: Math.max(4, 2 * availableParallelism()),
  maxConcurrentCollects: Math.max(4, 2 * availableParallelism()),
  minLookMs: 75,
  maxLookMs: 5000,
  observeTimeoutSeconds: 60,
  observeBudgetBytes: 8 * 1024 * 1024,
  leaseSeconds: 30,
  pollMs: 1000,
  runTokenDays: 45,
  images: {},
  dedicatedCoreQuota: DEFAULT_LIMITS.cores.dedicated,
  lowpriorityCoreQuota: DEFAULT_LIMITS.cores.lowpriority,
  nodesPerCluster: DEFAULT_LIMITS.nodesPerCluster,
  nodesPerRun: DEFAULT_LIMITS.nodesPerRun,
  targetsPerWorkspace: DEFAULT_LIMITS.targetsPerWorkspace,
  dedicatedRunSeconds: DEFAULT_LIMITS.jobSeconds.dedicated,
  lowpriorityRunSeconds: DEFAULT_LIMITS.jobSeconds.lowpriority,
  nodePrepareTimeoutSeconds: 600,
  unusableNodeSeconds: 60,
  preemptedNodeSeconds: 30,
  nodeExpirySeconds: 600,
};

/** What the clusters of a workspace may use together. */
export function limitsOf(settings: EngineSettings): ClusterLimits {
  const { nodesPerCluster, nodesPerRun, targetsPerWorkspace } = settings;
  return {
    cores: { dedicated: settings.dedicatedCoreQuota, lowpriority: settings.lowpriorityCoreQuota },
    nodesPerCluster,
    nodesPerRun,
    targetsPerWorkspace,
    jobSeconds: { dedicated: settings.dedicatedRunSeconds, lowpriority: settings.lowpriorityRunSeconds },
  };
}
