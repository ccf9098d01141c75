import { defineCommand } from "../../command.ts";
import { choice, toggle } from "../../flags.ts";
import { createCluster } from "./cluster.ts";
import { CLUSTER_FLAGS } from "./clusterFlags.ts";

export const createBatchAi = defineCommand({
  summary: "Create a managed cluster under its word of 2018",
  description: "The same as `create amlcompute`, for scripts of that time",
  flags: {
    ...CLUSTER_FLAGS,
    autoscaleEnabled: toggle({ help: "accepted for older scripts: a cluster always scales between its least and most nodes" }),
    imageType: choice(["ubuntu", "ubuntu_dsvm"])({ help: "accepted for older scripts; a run's environment says what it needs" }),
  },
  examples: [
    ["switchyard computetarget create batchai -n cpucluster -s STANDARD_D2_V2 --cluster-max-nodes 4 --autoscale-enabled", "as in 2018"],
  ],
  act: (context) => createCluster(context, "batchai"),
});
