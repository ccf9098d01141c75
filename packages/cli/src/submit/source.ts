import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { BadRequest } from "@switchyard/protocol/errors";
import type { GlobalValues } from "../globals.ts";
import { projectFolder } from "../project/folder.ts";
import type { World } from "../world.ts";

/** The folder that travels: the one named, else the project folder. */
export async function sourceFolder(
  world: Pick<World, "cwd">,
  global: Pick<GlobalValues, "path">,
  named: string | undefined,
): Promise<string> {
  const folder = named === undefined ? projectFolder(world, global) : resolve(world.cwd, named);
  const found = await stat(folder).catch(() => null);
  if (!found) throw new BadRequest(`The folder "${folder}" does not exist.`);
  if (!found.isDirectory()) throw new BadRequest(`"${folder}" is not a folder.`);
  return folder;
}
