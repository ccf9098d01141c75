import type { ComputeDriver } from "@switchyard/compute";
import { bundleOf, Follower, until } from "@switchyard/compute/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { SlurmLab } from "../../src/testing/slurm/index.ts";
import { SlurmDesk } from "../slurmDesk.ts";

const LOG = "azureml-logs/80_driver_log.txt";

let cluster: SlurmLab;
beforeAll(async () => {
  cluster = await SlurmLab.start({
    nodes: 1,
    limitsMemory: true,
    config: ["PreemptMode=CANCEL", "SlurmctldParameters=preempt_send_user_signal"],
    partitions: [
      "PartitionName=main Nodes=n1 Default=YES PriorityTier=1 GraceTime=60 State=UP",
      "PartitionName=urgent Nodes=n1 PriorityTier=10 State=UP",
    ],
  });
});
afterAll(() => cluster?.close());

describe("what Slurm does to a job", () => {
  let desk: SlurmDesk;
  let driver: ComputeDriver;
  beforeEach(async () => {
    desk = new SlurmDesk(cluster, { cpusPerNode: 4, partition: "main" });
    driver = await desk.connect();
  });
  afterEach(() => desk.close());
  const signal = () => AbortSignal.timeout(100_000);

  it("is told as what it is when it takes more memory than it was given", async () => {
    const small = await desk.connect({ memoryMegabytesPerNode: 100 });
    const script = 'exec python3 -c "held = [bytearray(10_000_000) for _ in range(100)]"';
    const follower = new Follower(small, await small.start(bundleOf({ script }), signal()));
    expect(await follower.toTheEnd()).toMatchObject({ exitCode: null, because: "out_of_memory" });
  });

  it("begins with the grace of the partition, of which the script has its own share", async () => {
    const script = `trap 'echo saving; sleep 1; echo saved; exit 0' TERM; echo up; while :; do sleep 0.1; done`;
    const follower = new Follower(driver, await driver.start(bundleOf({ script, graceSeconds: 20 }), signal()));
    await until("it is up", async () => (await follower.look()) && follower.text(LOG) === "up\n");
    await cluster.run("sbatch", "--partition=urgent", "--cpus-per-task=4", "--output=/dev/null", "--wrap=true");
    const began = performance.now();
    // canceled by Slurm, not put back: the engine starts the next attempt
    expect(await follower.toTheEnd()).toMatchObject({ exitCode: 0, because: "preempted" });
    expect(follower.text(LOG).replace("Terminated\n", "")).toBe("up\nsaving\nsaved\n");
    expect(performance.now() - began).toBeLessThan(25_000); // long before the partition's grace is over
  });
});
