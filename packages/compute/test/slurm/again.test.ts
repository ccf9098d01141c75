import type { ComputeDriver, JobBundle, JobHandle } from "@switchyard/compute";
import { bundleOf, Follower, Gate, until } from "@switchyard/compute/testing";
import type { JobEvent } from "@switchyard/protocol";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { SlurmLab } from "../../src/testing/slurm/index.ts";
import { SlurmDesk } from "../slurmDesk.ts";

const LOG = "azureml-logs/80_driver_log.txt";
/** Slurm lets a job that it puts back wait, and looks for lost nodes now and then. */
const REQUEUE_MS = 90_000;

let cluster: SlurmLab;
beforeAll(async () => {
  cluster = await SlurmLab.start();
});
afterAll(() => cluster?.close());

describe("a job that Slurm begins again", () => {
  let desk: SlurmDesk;
  let driver: ComputeDriver;
  let gate: Gate;
  beforeEach(async () => {
    desk = new SlurmDesk(cluster, { cpusPerNode: 4, partition: "main" });
    driver = await desk.connect();
    gate = new Gate();
  });
  afterEach(async () => {
    gate.close();
    await cluster.run("scancel", "--full", "--user=root").catch(() => {});
    await until("Slurm has nothing left to do", async () => (await cluster.run("squeue", "-h")) === "");
    await desk.close();
  });
  const signal = () => AbortSignal.timeout(100_000);

  /** Says its attempt, waits in the first one, and ends at once in a later one with what it finds from before. */
  const patient = (first = "exec sleep 1000"): JobBundle =>
    bundleOf({
      script: `echo "attempt $SWITCHYARD_ATTEMPT on $SLURMD_NODENAME"; [ ! -e checkpoints/last ] || cat checkpoints/last
        echo "from $SWITCHYARD_ATTEMPT" > checkpoints/last
        if [ "$SWITCHYARD_ATTEMPT" = 1 ]; then ${first}; fi; echo done`,
    });

  const started = async (bundle: JobBundle): Promise<{ handle: JobHandle; follower: Follower; node: string }> => {
    const handle = await driver.start(bundle, signal());
    const follower = new Follower(driver, handle);
    await follower.toTheStart();
    await until("its first line is there", async () => {
      await follower.look();
      return follower.text(LOG).endsWith("\n");
    });
    return { handle, follower, node: follower.text(LOG).trim().split(" ").at(-1) ?? "" };
  };

  /** Until the job has come to an end that stays. */
  const toTheEnd = (follower: Follower) =>
    until(
      "the job has ended",
      async () => {
        const seen = await follower.look();
        return seen.phase === "exited" && seen.grown.length === 0 && seen;
      },
      REQUEUE_MS,
    );

  const endOf = (follower: Follower, attempt: number) =>
    follower
      .text("events.jsonl", attempt)
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as JobEvent)
      .find((event) => event.kind === "ended");

  it("makes room for a job that goes first, waits, and finds its checkpoint", async () => {
    const { follower, node } = await started(patient());
    await cluster.run("sbatch", "--partition=urgent", `--nodelist=${node}`, "--cpus-per-task=4", "--output=/dev/null", "--wrap=sleep 1");
    // On its way back into Slurm's line the job passes through states that say less.
    await until("it waits again, and says what for", async () => {
      const seen = await follower.look();
      return seen.phase === "waiting" && /^Slurm job \d+ .* after it gave its nodes to a job that goes first$/.test(seen.because ?? "");
    });
    expect(await toTheEnd(follower)).toMatchObject({ attempt: 2, exitCode: 0 });
    expect(endOf(follower, 1)).toMatchObject({ because: "preempted", signal: "TERM" });
    expect(follower.text(LOG, 1)).toBe(`attempt 1 on ${node}\n`);
    expect(follower.text(LOG, 2)).toMatch(/^attempt 2 on n\d\nfrom 1\ndone\n$/);
    expect(follower.text("azureml-logs/60_control_log.txt", 1)).toContain("DUE TO PREEMPTION");
  });

  it("goes on elsewhere when its node is set down", async () => {
    const { follower, node } = await started(patient());
    await cluster.run("scontrol", "update", `nodename=${node}`, "state=down", "reason=test");
    try {
      expect(await toTheEnd(follower)).toMatchObject({ attempt: 2, exitCode: 0 });
    } finally {
      await cluster.run("scontrol", "update", `nodename=${node}`, "state=resume");
      await cluster.whenNodes("idle");
    }
    expect(endOf(follower, 1)).toMatchObject({ because: "node_lost" });
    expect(follower.text(LOG, 2)).toMatch(/^attempt 2 on n\d\nfrom 1\ndone\n$/);
    expect(follower.text(LOG, 2)).not.toContain(`on ${node}\n`);
  });

  it("goes on elsewhere when its node dies without a word", async () => {
    const { follower, node, handle } = await started(patient());
    await cluster.killNode(node, String(handle.ref.slurmId));
    try {
      expect(await toTheEnd(follower)).toMatchObject({ attempt: 2, exitCode: 0 });
    } finally {
      cluster.startNode(node);
      await cluster.whenNodes("idle");
    }
    expect(endOf(follower, 1)).toMatchObject({ because: "node_lost", exitCode: null });
    expect(follower.text(LOG, 1)).toBe(`attempt 1 on ${node}\n`);
    expect(follower.text(LOG, 2)).toMatch(/^attempt 2 on n\d\nfrom 1\ndone\n$/);
  }, 150_000);

  it("begins again when a person says so, and not when its script had ended by itself", async () => {
    const { follower, handle } = await started(patient());
    await cluster.run("scontrol", "requeue", String(handle.ref.slurmId));
    expect(await toTheEnd(follower)).toMatchObject({ attempt: 2, exitCode: 0 });
    expect(endOf(follower, 1)).toMatchObject({ because: "requeued" });
    await cluster.run("scontrol", "requeue", String(handle.ref.slurmId));
    await until(
      "Slurm has run it once more",
      async () => (await cluster.run("squeue", "-h", "--states=all", `--jobs=${String(handle.ref.slurmId)}`, "-o", "%T")) === "COMPLETED",
      REQUEUE_MS,
    );
    expect(await follower.look()).toMatchObject({ phase: "exited", attempt: 2, exitCode: 0 });
  });

  it("keeps what a script does with the time it is given", async () => {
    const { follower, node } = await started(patient("trap 'echo saving; sleep 1; echo saved; exit 0' TERM; while :; do sleep 0.1; done"));
    await cluster.run("sbatch", "--partition=urgent", `--nodelist=${node}`, "--cpus-per-task=4", "--output=/dev/null", "--wrap=sleep 1");
    expect(await toTheEnd(follower)).toMatchObject({ attempt: 2, exitCode: 0 });
    // the shell tells of its `sleep`, which had TERM as well
    expect(follower.text(LOG, 1).replace("Terminated\n", "")).toBe(`attempt 1 on ${node}\nsaving\nsaved\n`);
    expect(endOf(follower, 1)).toMatchObject({ because: "preempted", exitCode: 0 });
  });

  it("is preempted however stubborn it is", async () => {
    const { follower, node } = await started(patient("trap '' TERM; while :; do sleep 0.1; done"));
    await cluster.run("sbatch", "--partition=urgent", `--nodelist=${node}`, "--cpus-per-task=4", "--output=/dev/null", "--wrap=sleep 1");
    expect(await toTheEnd(follower)).toMatchObject({ attempt: 2, exitCode: 0 });
    expect(endOf(follower, 1)).toMatchObject({ because: "preempted" });
  });

  it("can be canceled while it waits to begin again", async () => {
    const { follower, node, handle } = await started(patient());
    await cluster.run("sbatch", "--partition=urgent", `--nodelist=${node}`, "--cpus-per-task=4", "--output=/dev/null", "--wrap=sleep 1");
    await until("it waits again", async () => (await follower.look()).phase === "waiting");
    await driver.cancel(handle, 5, signal());
    expect(await toTheEnd(follower)).toMatchObject({ because: "canceled" });
    // canceled, or begun again only to find that there is nothing to do
    const state = () => cluster.run("squeue", "-h", "--states=all", `--jobs=${String(handle.ref.slurmId)}`, "-o", "%T");
    await until("Slurm has done with it", async () => ["CANCELLED", "COMPLETED"].includes(await state()), REQUEUE_MS);
    expect(await follower.look()).toMatchObject({ phase: "exited", because: "canceled" });
  });

  it("ends as canceled when somebody cancels it in Slurm while it waits to begin again", async () => {
    const { follower, node, handle } = await started(patient());
    await cluster.run("sbatch", "--partition=urgent", `--nodelist=${node}`, "--cpus-per-task=4", "--output=/dev/null", "--wrap=sleep 1");
    await until("it waits again", async () => (await follower.look()).phase === "waiting");
    await cluster.run("scancel", String(handle.ref.slurmId));
    expect(await toTheEnd(follower)).toMatchObject({ attempt: 2, because: "canceled" });
  });
});
