import type { NodeRecord, RunStanding } from "@switchyard/store";
import { jobIdOf } from "../runs/jobId.ts";
import type { ClusterCatalog } from "./managedCluster.ts";

/**
 * Which runs have been given all nodes they asked for, as the database said when it was last read. A run on a cluster
 * begins only with them; what is not known here does not begin.
 */
export class Allocations {
  readonly #clusters: ClusterCatalog;
  readonly #complete = new Map<string, ReadonlySet<string>>();

  constructor(clusters: ClusterCatalog) {
    this.#clusters = clusters;
  }

  /** May the next job of this run begin, as far as nodes are concerned? */
  mayStart(run: { readonly id: string; readonly workspace: string; readonly target: string; readonly launches: number }): boolean {
    const cluster = this.#clusters.of(run.workspace, run.target);
    if (cluster === undefined) return true;
    return this.#complete.get(cluster.id)?.has(nextJobOf(run)) ?? false;
  }

  /** Notes what was read of a cluster. Answers the runs that have become able to begin. */
  note(clusterId: string, complete: ReadonlyMap<string, string>): readonly string[] {
    const before = this.#complete.get(clusterId);
    this.#complete.set(clusterId, new Set(complete.values()));
    return [...complete].flatMap(([runId, jobId]) => (before?.has(jobId) ? [] : [runId]));
  }

  /** From now on these jobs do not begin: their nodes are about to be taken back. */
  withdraw(clusterId: string, jobIds: readonly string[]): void {
    const kept = [...(this.#complete.get(clusterId) ?? [])].filter((jobId) => !jobIds.includes(jobId));
    this.#complete.set(clusterId, new Set(kept));
  }
}

/** The job that a run gets when it begins (again). */
export const nextJobOf = ({ id, launches }: Pick<RunStanding, "id" | "launches">): string => jobIdOf(id, launches + 1);

/** Jobs by run whose nodes are all given and well. */
export function completeJobs(nodes: readonly NodeRecord[], nodesOf: (runId: string) => number | undefined): ReadonlyMap<string, string> {
  const given = new Map<string, { jobId: string; count: number }>();
  for (const { runId, jobId, hold, state } of nodes) {
    if (runId === null || jobId === null || hold !== "given" || state !== "running") continue;
    given.set(runId, { jobId, count: (given.get(runId)?.count ?? 0) + 1 });
  }
  return new Map([...given].flatMap(([runId, { jobId, count }]) => (count === nodesOf(runId) ? [[runId, jobId] as const] : [])));
}
