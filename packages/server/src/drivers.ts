import type { ComputeDriver } from "@switchyard/compute";
import { createLocalDriver } from "@switchyard/compute/local";
import type { Assets } from "./assets.ts";

/** The drivers of this server by name. A new kind of compute is one line here. */
export function createDrivers({ siteRoot, assets }: { siteRoot: string; assets: Assets }): ReadonlyMap<string, ComputeDriver> {
  const drivers = [createLocalDriver({ siteRoot, supervisor: assets.supervisor, python: assets.python })];
  return new Map(drivers.map((driver) => [driver.name, driver]));
}
