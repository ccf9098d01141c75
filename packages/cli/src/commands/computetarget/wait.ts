import type { ComputeTarget } from "@switchyard/protocol";
import { BadRequest } from "@switchyard/protocol/errors";
import { nodesReady } from "@switchyard/sdk";
import { defineCommand } from "../../command.ts";
import { EXIT } from "../../errors.ts";
import { count, seconds } from "../../flags.ts";
import { durationInWords } from "../../output/words.ts";
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
    if (flags.minNodes !== undefined) requirePossible(await api.getTarget({ params, query: { check: false } }), flags.minNodes);
    const waited = await whileWaiting(context, `Waiting for ${params.name} …`, (signal, onProgress) =>
      api.waitForTarget({ params, timeoutSeconds: flags.timeout, minNodeCount: flags.minNodes, signal, onProgress }),
    );
    if (waited.left) return leave(context, params.name);
    const target = waited.value;
    if (target.provisioningState !== "Succeeded") return tellFailure(context, target, { undo: target.attached ? "detach" : "delete" });
    await showTarget(context, target);
    const ready = nodesReady(target);
    if (ready >= (flags.minNodes ?? 0)) return EXIT.done;
    context.out.error(
      `"${target.name}" has ${ready} of the ${flags.minNodes} nodes after ${durationInWords(flags.timeout)}; waiting is over, and it goes on. ` +
        "Nodes come when runs want them, or stay when min_nodes says so.",
    );
    return EXIT.failed;
  },
});

/** Refuses to wait for nodes that will never be there. */
function requirePossible({ name, settings }: ComputeTarget, minNodes: number): void {
  const { maxNodes } = settings;
  if (typeof maxNodes !== "number") throw new BadRequest(`Option --min-nodes: "${name}" is no cluster, so it has no nodes.`);
  if (minNodes > maxNodes)
    throw new BadRequest(
      `Option --min-nodes: "${name}" has ${maxNodes} nodes at most. Raise that first: switchyard computetarget update -n ${name} --max-nodes ${minNodes}`,
    );
}
