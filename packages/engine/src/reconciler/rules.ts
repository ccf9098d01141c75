import type { ComputeDriver } from "@switchyard/compute";
import type { RunRecord } from "@switchyard/store";
import type { EngineContext } from "../context.ts";
import type { ObservingRules } from "../runs/afterObserving.ts";

/** The driver that carries a run: of its handle, else of its target; undefined when this server has none such. */
export function driverFor(context: EngineContext, run: RunRecord): ComputeDriver | undefined {
  const name = (run.handle as { driver?: string } | null)?.driver ?? context.targets.get(run.workspace, run.target)?.driver;
  return name === undefined ? undefined : context.drivers.get(name);
}

/** How patient to be with a run. */
export function rulesFor(context: EngineContext, run: RunRecord): ObservingRules {
  return { ...context.settings, requeues: driverFor(context, run)?.features.requeues ?? false };
}
