import { BadRequest } from "@switchyard/protocol/errors";
import { defineCommand } from "../../command.ts";
import { count, seconds, tags, text } from "../../flags.ts";
import { showTarget } from "./provision.ts";
import { namedTarget, TARGET_ARGS, TARGET_FLAGS } from "./which.ts";

export const updateTarget = defineCommand({
  summary: "Change the scale of a cluster, or the tags and description of any target",
  description: "Only what is given changes. The size of its machines cannot be changed: delete the target and create it anew",
  args: TARGET_ARGS,
  flags: {
    ...TARGET_FLAGS,
    maxNodes: count({ help: "the most nodes at once" }),
    minNodes: count({ help: "nodes that stay even when idle" }),
    idleSecondsBeforeScaledown: seconds({ help: "a node that is idle for so long goes" }),
    maxConcurrentRuns: count({ help: "runs that may be on an attached machine at once" }),
    description: text({ help: "what it is for; empty takes it away" }),
    tag: tags({ help: "tag to add or change; repeatable" }),
  },
  examples: [
    ["switchyard computetarget update amlcompute -n cluster --max-nodes 8", "the word of the kind may be left out"],
    ["switchyard computetarget update -n gpu-box --tag team=vision", "a tag"],
  ],
  async act(context) {
    const { description, maxConcurrentRuns, maxNodes, minNodes, idleSecondsBeforeScaledown, tag } = context.flags;
    const changes = {
      maxNodes,
      minNodes,
      idleSecondsBeforeScaledown,
      maxConcurrentRuns,
      description: description === "" ? null : description,
      tags: Object.keys(tag).length === 0 ? undefined : tag,
    };
    if (Object.values(changes).every((value) => value === undefined)) {
      throw new BadRequest("Nothing to change: give --max-nodes, --min-nodes, --idle-seconds-before-scaledown, --tag or another option.");
    }
    const { api, params } = await namedTarget(context);
    await showTarget(context, await api.updateTarget({ params, body: changes }));
  },
});
