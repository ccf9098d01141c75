import { UnknownTarget } from "@switchyard/protocol";
import { nearest } from "./nearest.ts";

/** What a kind of compute can do: a row of the capability matrix. */
export interface TargetCapabilities {
  readonly submit: boolean;
  readonly docker: boolean;
  readonly systemManagedEnvironments: boolean;
  readonly multiNode: boolean;
  readonly mpi: boolean;
  readonly parameterServer: boolean;
  readonly pySpark: boolean;
  readonly datasets: boolean;
  readonly gpu: boolean | string;
}

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
}

/** Says which targets there are. */
export interface TargetCatalog {
  get(name: string): Target | undefined;
  list(): readonly Target[];
}

/** What the machine that submits can do. */
export const LOCAL_CAPABILITIES: TargetCapabilities = {
  submit: true,
  docker: false,
  systemManagedEnvironments: true,
  multiNode: false,
  mpi: false,
  parameterServer: false,
  pySpark: false,
  datasets: false,
  gpu: "where the machine has one",
};

/** The target that is always there: the machine that submits. */
export function localTarget(maxConcurrentRuns: number, driver = "local"): Target {
  return { name: "local", type: "local", driver, capabilities: LOCAL_CAPABILITIES, maxConcurrentRuns };
}

/** A catalog that never changes. Names are compared without regard to case, as in v1. */
export function fixedTargets(targets: readonly Target[]): TargetCatalog {
  const byName = new Map(targets.map((target) => [target.name.toLowerCase(), target]));
  return { get: (name) => byName.get(name.toLowerCase()), list: () => targets };
}

/** The target of this name, or an error that names the known ones. */
export function requireTarget(targets: TargetCatalog, name: string): Target {
  const target = targets.get(name);
  if (target !== undefined) return target;
  const known = targets.list().map((each) => each.name);
  const near = nearest(name, known);
  const guess = near === null ? "" : ` Did you mean "${near}"?`;
  throw new UnknownTarget(`There is no compute target "${name}".${guess} Known targets: ${known.join(", ")}.`, {
    details: { known, nearest: near },
  });
}
