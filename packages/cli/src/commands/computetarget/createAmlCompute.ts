import { defineCommand } from "../../command.ts";
import { createCluster } from "./cluster.ts";
import { CLUSTER_FLAGS } from "./clusterFlags.ts";

export const createAmlCompute = defineCommand({
  summary: "Create a managed cluster: nodes come when runs need them and go when they are idle",
  description:
    "The local backend works out of the box: its nodes are isolated workers on the server's machine. With the slurm\n" +
    "backend, Slurm queues, places and scales, on that machine or behind a log-in node",
  flags: CLUSTER_FLAGS,
  examples: [
    ["switchyard computetarget create amlcompute -n cluster -s STANDARD_D2_V2 --max-nodes 4", "on this machine"],
    [
      "switchyard computetarget create amlcompute -n team -s STANDARD_D2_V2 --isolation containers",
      "there too, for runs of several people: each is in a container",
    ],
    [
      "switchyard computetarget create amlcompute -n hpc --backend slurm --partition gpu --max-nodes 16 --vm-priority lowpriority",
      "nodes of a Slurm partition, which may be taken away",
    ],
    [
      "switchyard computetarget create amlcompute -n far --backend slurm --login-address login.hpc --login-user me --login-use-agent",
      "behind a log-in node",
    ],
  ],
  act: (context) => createCluster(context, "amlcompute"),
});
