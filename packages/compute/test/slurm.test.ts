import { SLURM_FEATURES } from "@switchyard/compute/slurm";
import { describeDriver } from "@switchyard/compute/testing";
import { afterAll, beforeAll } from "vitest";
import { SlurmLab } from "../src/testing/slurm/index.ts";
import { SlurmDesk } from "./slurmDesk.ts";

let cluster: SlurmLab;
beforeAll(async () => {
  cluster = await SlurmLab.start();
});
afterAll(() => cluster?.close());

describeDriver("slurm", async () => new SlurmDesk(cluster), SLURM_FEATURES);
