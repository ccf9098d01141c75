import { sep } from "node:path";
import { Forbidden, NotFound } from "@switchyard/protocol/errors";
import { codeOf, messageOf } from "./errors.ts";
import type { GlobalValues } from "./globals.ts";
import { workspaceOf } from "./project/workspace.ts";
import { homeOf } from "./server/home.ts";
import type { World } from "./world.ts";

/** The error with what only the command line knows about it: which file named a workspace that is not there, where the home can be. */
export async function withAdvice(error: unknown, world: World, global: GlobalValues, command: string): Promise<unknown> {
  const missing = /^There is no workspace "([^"]*)"\.$/.exec(messageOf(error))?.[1];
  if (missing !== undefined && codeOf(error) === "not_found") {
    const isMeant = command.startsWith("workspace "); // its -w names one that is to be shown, changed or deleted
    return isMeant ? error : missingWorkspace(missing, error, world, global);
  }
  const { path } = error as NodeJS.ErrnoException;
  if (codeOf(error) !== "forbidden" || typeof path !== "string" || !`${path}${sep}`.startsWith(`${homeOf(world, global)}${sep}`))
    return error;
  return new Forbidden(`${messageOf(error)} It lies in the home of the server: --home or SWITCHYARD_HOME names another one.`, {
    cause: error,
  });
}

/** Whoever comes with a project of Azure ML v1 has its workspace in a file and nowhere else yet. */
async function missingWorkspace(missing: string, error: unknown, world: World, global: GlobalValues): Promise<unknown> {
  const found = await workspaceOf(world, global).catch(() => null);
  const namedBy = found?.name === missing ? found.namedBy : null;
  const how = `\`switchyard workspace create -w ${missing}\` makes it`;
  const project = namedBy?.endsWith(".json") ? ", `switchyard import azureml` with all that the project needs" : "";
  return new NotFound(`${messageOf(error)}${namedBy === null ? "" : ` ${namedBy} names it.`} ${how}${project}.`, { cause: error });
}
