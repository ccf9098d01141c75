import { join } from "node:path";
import type { GlobalValues } from "../globals.ts";
import { homeOf } from "../server/home.ts";
import { readDefaults } from "../settings/stored.ts";
import type { World } from "../world.ts";
import { projectFolder } from "./folder.ts";
import { linkWithFile } from "./link.ts";

/** The workspace that a command line means, and what names it: null where the command line itself does, or nothing. */
export interface NamedWorkspace {
  readonly name: string;
  readonly namedBy: string | null;
}

/** The workspace of `-w`, else of the project folder, else of the environment, else the stored one, else "default". */
export async function workspaceOf(
  world: Pick<World, "cwd" | "env">,
  global: Pick<GlobalValues, "home" | "path" | "workspace">,
): Promise<NamedWorkspace> {
  if (global.workspace !== undefined) return { name: global.workspace, namedBy: null };
  const folder = projectFolder(world, global);
  const { link, file } = await linkWithFile(folder);
  if (file !== null && link.workspace !== null) return { name: link.workspace, namedBy: join(folder, file) };
  const fromEnvironment = world.env.SWITCHYARD_WORKSPACE;
  if (fromEnvironment !== undefined) return { name: fromEnvironment, namedBy: "SWITCHYARD_WORKSPACE" };
  const stored = (await readDefaults(homeOf(world, global))).aml_workspace;
  if (stored !== undefined) return { name: stored, namedBy: "The stored default (`switchyard configure --list-defaults`)" };
  return { name: "default", namedBy: null };
}
