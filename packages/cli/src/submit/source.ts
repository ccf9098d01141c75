import { resolve } from "node:path";
import type { GlobalValues } from "../globals.ts";
import { projectFolder, requireFolder } from "../project/folder.ts";
import type { World } from "../world.ts";

/** The folder that travels: the one named, else the project folder. */
export async function sourceFolder(
  world: Pick<World, "cwd">,
  global: Pick<GlobalValues, "path">,
  named: string | undefined,
): Promise<string> {
  const folder = named === undefined ? projectFolder(world, global) : resolve(world.cwd, named);
  await requireFolder(folder);
  return folder;
}
