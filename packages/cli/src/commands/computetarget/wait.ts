import { defineCommand } from "../../command.ts";
import { EXIT } from "../../errors.ts";
import { count, seconds } from "../../flags.ts";
import { leave, showTarget, tellFailure, whileWaiting } from "./provision.ts";
import { namedTarget, TARGET_ARGS, TARGET_FLAGS } from "./which.ts";

export const waitTarget = defineCommand({
  summary: "Wait until making a compute target has ended",
  description: "Exit code 1 when it failed or the time is over",
  args: TARGET_ARGS,
  flags: {
    ...TARGET_FLAGS,
    timeout: seconds({ default: 1500, help: "the longest to wait" }),
    minNodes: count({ help: "of a cluster: not before so many nodes are there" }),
  },
  examples: [
    ["switchyard computetarget wait -n cluster", "after create --no-wait"],
    ["switchyard computetarget wait -n cluster --min-nodes 2 --timeout 20m", "until two nodes can work"],
  ],
  async act(context) {
    const { flags } = context;
    const { api, params } = await namedTarget(context);
    const waited = await whileWaiting(context, `Waiting for ${params.name} …`, (signal, onProgress) =>
      api.waitForTarget({ params, timeoutSeconds: flags.timeout, minNodeCount: flags.minNodes, signal, onProgress }),
    );
    if (waited.left) return leave(context, params.name);
    const target = waited.value;
    if (target.provisioningState !== "Succeeded") return tellFailure(context, target, { undo: target.attached ? "detach" : "delete" });
    await showTarget(context, target);
    return EXIT.done;
  },
});
