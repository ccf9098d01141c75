import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { BadRequest } from "@switchyard/protocol/errors";
import type { GlobalValues } from "../globals.ts";
import type { World } from "../world.ts";

/** The project folder: `--path`, else the current one. */
export function projectFolder(world: Pick<World, "cwd">, global: Pick<GlobalValues, "path">): string {
  return resolve(world.cwd, global.path ?? ".");
}

/** Refuses what is no folder. */
export async function requireFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => null);
  if (!found) throw new BadRequest(`The folder "${folder}" does not exist.`);
  if (!found.isDirectory()) throw new BadRequest(`"${folder}" is not a folder.`);
}

/** Folders that hold run configurations, the preferred one first (spec 01 §1). */
export const CONFIGURATION_FOLDERS = [".azureml", "aml_config"] as const;
