import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** Where a person's server lives when nobody says otherwise: SWITCHYARD_HOME, else `~/.switchyard`. */
export function defaultHome(env: NodeJS.ProcessEnv = process.env): string {
  return env.SWITCHYARD_HOME ? resolve(env.SWITCHYARD_HOME) : join(env.HOME || homedir(), ".switchyard");
}
