import type { ComputeNode } from "@switchyard/protocol";
import { defineCommand } from "../../command.ts";
import { namedTarget, TARGET_ARGS, TARGET_FLAGS } from "./which.ts";

export const listNodes = defineCommand({
  summary: "List the nodes of a cluster, and which run is on each",
  args: TARGET_ARGS,
  flags: TARGET_FLAGS,
  examples: [["switchyard computetarget nodes -n cluster", "states: idle, running, preparing, leaving, preempted, unusable"]],
  async act(context) {
    const { api, params } = await namedTarget(context);
    const nodes = await api.listTargetNodes({ params });
    await context.out.result(nodes, { rows: () => nodes.map(nodeRow) });
  },
});

/** One node as a row of a list. */
export function nodeRow({ nodeId, nodeState, runId, privateIpAddress, publicIpAddress, port }: ComputeNode) {
  const address = publicIpAddress ?? privateIpAddress;
  return { node: nodeId, state: nodeState, run: runId, address: address === null || port === null ? address : `${address}:${port}` };
}
