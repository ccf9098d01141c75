import { COMPUTE_KINDS, NotImplemented, type TargetCapabilities, UnknownTarget } from "@switchyard/protocol";
import type { ClusterRoom } from "./clusters/limits.ts";
import { nearest } from "./nearest.ts";

/** A compute that runs can be sent to. */
export interface Target {
  readonly name: string;
  /** `local`, `amlcompute`, `remote`, … */
  readonly type: string;
  /** name of the driver that carries its jobs */
  readonly driver: string;
  readonly capabilities: TargetCapabilities;
  /** runs that may be starting or running at once */
  readonly maxConcurrentRuns: number;
  /** the most nodes that one run may take */
  readonly maxNodes: number;
  /** the most nodes that all its runs may take together, where somebody else gives them out; absent: no such bound */
  readonly nodesAtOnce?: number;
  /** the only user whose runs it takes; null: everybody's */
  readonly onlyFor: string | null;
  /** why it takes no one else's, and what to do, in words; absent: it is that user's own */
  readonly onlyForBecause?: string;
  /** present where every run is in a container of its own, so that runs of people who do not trust each other can be there together */
  readonly isolation?: Isolation;
  /** what a run there may ask for, where the nodes are made by us and counted against a quota */
  readonly room?: Omit<ClusterRoom, "name" | "maxNodes">;
  /** the only run that it takes: it was made for that one and goes with it */
  readonly madeFor?: string;
  /** why no run will ever begin there: it could not be made and stays only to be looked at, or is being taken away; else absent */
  readonly failedBecause?: string;
  /** why no run can begin there now, in words; null when runs may begin */
  readonly closedBecause: string | null;
  /** runs that are there have to leave: they are stopped as preempted and stand in line again */
  readonly vacates: boolean;
}

/** What the container of a run may use. */
export interface Isolation {
  /** of one node */
  readonly cores: number;
  /** of one node */
  readonly memoryMegabytes: number;
  /** of the machine on which all nodes are: no container can have more */
  readonly machineCores: number;
}

/** Says which targets a workspace has. They come and go while the server runs. */
export interface TargetCatalog {
  get(workspace: string, name: string): Target | undefined;
  list(workspace: string): readonly Target[];
}

/** The target that every workspace has: the machine that submits. */
export function localTarget(maxConcurrentRuns: number, driver = "local"): Target {
  const { capabilities } = COMPUTE_KINDS.local;
  return {
    name: "local",
    type: "local",
    driver,
    capabilities,
    maxConcurrentRuns,
    maxNodes: 1,
    onlyFor: null,
    closedBecause: null,
    vacates: false,
  };
}

/** A catalog of targets that every workspace has and that never change. Names are compared without regard to case, as in v1. */
export function fixedTargets(targets: readonly Target[]): TargetCatalog {
  const byName = new Map(targets.map((target) => [target.name.toLowerCase(), target]));
  return { get: (_, name) => byName.get(name.toLowerCase()), list: () => targets };
}

/** The name of the target that a mistyped one most likely meant. */
export function nearestTarget(targets: TargetCatalog, workspace: string, name: string): string | null {
  return nearest(
    name,
    targets.list(workspace).map((each) => each.name),
  );
}

/** The target of this name, or an error that names the known ones. */
export function requireTarget(targets: TargetCatalog, workspace: string, name: string): Target {
  const target = targets.get(workspace, name);
  if (target !== undefined) return target;
  const known = targets.list(workspace).map((each) => each.name);
  if (name.toLowerCase() === "containerinstance") {
    throw new NotImplemented(
      `Containers that are made for one run (target "${name}") are known, and this version cannot make them yet. Known targets: ${known.join(", ")}.`,
    );
  }
  const near = nearestTarget(targets, workspace, name);
  const guess = near === null ? "" : ` Did you mean "${near}"?`;
  throw new UnknownTarget(`There is no compute target "${name}".${guess} Known targets: ${known.join(", ")}.`, {
    details: { known, nearest: near },
  });
}
