import { BadRequest } from "@switchyard/protocol/errors";
import type { Context } from "../../command.ts";

/** The workspace that -w names: what changes or ends one is never done to a default. */
export function namedWorkspace({ global }: Pick<Context, "global">): string {
  if (global.workspace !== undefined && global.workspace !== "") return global.workspace;
  throw new BadRequest("Which workspace? Give its name with -w NAME; `switchyard workspace list` shows them.");
}
