import { defineCommand } from "../../command.ts";
import { text } from "../../flags.ts";
import { nodeRow } from "./nodes.ts";
import { namedTarget, TARGET_ARGS, TARGET_FLAGS } from "./which.ts";

export const simulatePreemption = defineCommand({
  summary: "Take a node of a low-priority cluster away, as its provider might: a rehearsal for your script",
  description: "Its run is told to stop, has its time of grace, and begins again as the next attempt where it left its checkpoints",
  args: TARGET_ARGS,
  flags: {
    ...TARGET_FLAGS,
    node: text({ aliases: ["node-id"], help: "which node; default: one that runs something", valueName: "NODE" }),
  },
  examples: [
    ["switchyard computetarget simulate-preemption -n cluster", "a node that runs something"],
    ["switchyard computetarget simulate-preemption -n cluster --node N", "this one; `computetarget nodes -n cluster` lists them"],
  ],
  async act(context) {
    const { api, params } = await namedTarget(context);
    const nodes = await api.simulatePreemption({ params, body: { nodeId: context.flags.node } });
    await context.out.result(nodes, { rows: () => nodes.map(nodeRow) });
  },
});
