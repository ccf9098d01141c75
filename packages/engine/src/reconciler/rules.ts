import type { ComputeDriver } from "@switchyard/compute";
import type { RunRecord } from "@switchyard/store";
import type { EngineContext } from "../context.ts";
import type { ObservingRules } from "../runs/afterObserving.ts";
import { targetAfterLoss } from "../runs/tryAgain.ts";

/** The driver that carries a run: of its handle, else of its target; undefined when this server has none such. */
export function driverFor(context: EngineContext, run: RunRecord): ComputeDriver | undefined {
  const name = (run.handle as { driver?: string } | null)?.driver ?? context.targets.get(run.workspace, run.target)?.driver;
  return name === undefined ? undefined : context.drivers.get(name);
}

/** The driver that knows the first of the jobs which earlier attempts left. */
export function driverOfLeft({ drivers }: EngineContext, { left }: RunRecord): ComputeDriver | undefined {
  const name = (left[0]?.handle as { driver?: string } | undefined)?.driver;
  return name === undefined ? undefined : drivers.get(name);
}

/** How patient to be with a run. */
export function rulesFor(context: EngineContext, run: RunRecord): ObservingRules {
  const nameOf = (target: string) => context.targets.get(run.workspace, target)?.name;
  return {
    ...context.settings,
    requeues: driverFor(context, run)?.features.requeues ?? false,
    goesOnAt: targetAfterLoss(run, nameOf),
  };
}
