import type { ComputeDriver } from "@switchyard/compute";
import { createLocalDriver } from "@switchyard/compute/local";
import type { Assets } from "./assets.ts";

/** The drivers that every server has; those of made and attached targets come from their kinds. */
export function createDrivers({ siteRoot, assets }: { siteRoot: string; assets: Assets }): readonly ComputeDriver[] {
  return [createLocalDriver({ siteRoot, supervisor: assets.supervisor, python: assets.python })];
}
