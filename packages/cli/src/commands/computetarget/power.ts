import { defineCommand } from "../../command.ts";
import { toggle } from "../../flags.ts";
import type { Client } from "../../world.ts";
import { showTarget } from "./provision.ts";
import { namedTarget, TARGET_ARGS, TARGET_FLAGS, type TargetParams } from "./which.ts";

interface Power {
  readonly summary: string;
  readonly description?: string;
  readonly verb: string;
  readonly effect: string;
  act(api: Client, params: TargetParams): ReturnType<Client["startTarget"]>;
}

/** `start`, `stop` and `restart` of a compute instance. */
export function powerCommand({ summary, description, verb, effect, act }: Power) {
  return defineCommand({
    summary,
    ...(description === undefined ? {} : { description }),
    args: TARGET_ARGS,
    flags: { ...TARGET_FLAGS, noWait: toggle({ help: "accepted for scripts of Azure ML v1; it takes effect at once" }) },
    examples: [
      [`switchyard computetarget ${verb} -n my-instance`, effect],
      [`switchyard computetarget computeinstance ${verb} -n my-instance`, "as Azure ML v1 writes it"],
    ],
    async act(context) {
      const { api, params } = await namedTarget(context);
      await showTarget(context, await act(api, params));
    },
  });
}
