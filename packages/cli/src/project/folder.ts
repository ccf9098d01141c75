import { resolve } from "node:path";
import type { GlobalValues } from "../globals.ts";
import type { World } from "../world.ts";

/** The project folder: `--path`, else the current one. */
export function projectFolder(world: Pick<World, "cwd">, global: Pick<GlobalValues, "path">): string {
  return resolve(world.cwd, global.path ?? ".");
}

/** Folders that hold run configurations, the preferred one first (spec 01 §1). */
export const CONFIGURATION_FOLDERS = [".azureml", "aml_config"] as const;
