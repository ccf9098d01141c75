import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { GlobalValues } from "../globals.ts";
import type { World } from "../world.ts";

/** The home folder of the server: `--home`, else SWITCHYARD_HOME, else `~/.switchyard`. */
export function homeOf(world: Pick<World, "env" | "cwd">, global: Pick<GlobalValues, "home">): string {
  const named = global.home ?? (world.env.SWITCHYARD_HOME || undefined);
  return named === undefined ? join(world.env.HOME || homedir(), ".switchyard") : resolve(world.cwd, named);
}
