import { createSlurmCluster } from "@switchyard/compute/slurm";
import { bundleOf, Follower, Gate, until } from "@switchyard/compute/testing";
import { rankLog } from "@switchyard/protocol";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { SlurmLab } from "../../src/testing/slurm/index.ts";
import { SlurmDesk } from "../slurmDesk.ts";

let cluster: SlurmLab;
beforeAll(async () => {
  cluster = await SlurmLab.start();
});
afterAll(() => cluster?.close());

describe("the nodes behind a cluster on Slurm", () => {
  let desk: SlurmDesk;
  let gate: Gate;
  beforeEach(() => {
    desk = new SlurmDesk(cluster);
    gate = new Gate();
  });
  afterEach(async () => {
    gate.close();
    await desk.close();
  });
  const signal = () => AbortSignal.timeout(100_000);

  it("are counted by state and listed with what they carry", async () => {
    const nodes = createSlurmCluster({}, desk.site());
    expect(await nodes.status(signal())).toEqual({
      counts: { idle: 3, running: 0, preparing: 0, leaving: 0, preempted: 0, unusable: 0 },
      poweredDown: 0,
      resizing: false,
      errors: [],
    });
    const driver = await desk.connect({ options: ["--nodelist=n2"] });
    const handle = await driver.start(bundleOf({ acts: [{ waitFor: gate.path }] }), signal());
    const follower = new Follower(driver, handle);
    await follower.toTheStart();
    await cluster.run("scontrol", "update", "nodename=n3", "state=drain", "reason=disk is being replaced");
    try {
      expect(await nodes.status(signal())).toMatchObject({
        counts: { idle: 1, running: 1, unusable: 1 },
        errors: ["Node n3 is idle, drain: disk is being replaced."],
      });
      expect(await nodes.nodes(signal())).toEqual([
        { name: "n1", state: "idle", address: "127.0.0.1", because: null, jobIds: [] },
        { name: "n2", state: "running", address: "127.0.0.1", because: null, jobIds: [handle.jobId] },
        { name: "n3", state: "unusable", address: "127.0.0.1", because: "disk is being replaced", jobIds: [] },
      ]);
    } finally {
      await cluster.run("scontrol", "update", "nodename=n3", "state=resume");
    }
    gate.open();
    await follower.toTheEnd();
  });

  it("are those of the target's partition", async () => {
    await cluster.run("scontrol", "create", "partition=small", "nodes=n1");
    expect((await createSlurmCluster({ partition: "small" }, desk.site()).nodes(signal())).map((node) => node.name)).toEqual(["n1"]);
    await cluster.run("scontrol", "delete", "partition=small");
  });

  it("run a job on two of them", async () => {
    const driver = await desk.connect({ cpusPerNode: 4 });
    const script = 'echo "$SLURM_JOB_NUM_NODES $SLURMD_NODENAME $SWITCHYARD_NODE"';
    const handle = await driver.start(bundleOf({ script, job: { nodes: 2 } }), signal());
    const follower = new Follower(driver, handle);
    await until("it has ended", async () => (await follower.look()).phase === "exited");
    await follower.toTheEnd();
    const seen = [0, 1].map((rank) => /^2 (n\d) \1\n$/.exec(follower.text(rankLog(rank)))?.[1]);
    expect(new Set(seen).size).toBe(2);
    expect(seen).not.toContain(undefined);
  });

  it("end all that a job started on all of them when it is canceled", async () => {
    const driver = await desk.connect({ cpusPerNode: 4 });
    const script = `trap "" TERM; echo up; while :; do sleep 0.2; done`;
    const handle = await driver.start(bundleOf({ script, job: { nodes: 3 } }), signal());
    const follower = new Follower(driver, handle);
    await until("all three are up", async () => {
      await follower.look();
      return [0, 1, 2].every((rank) => follower.text(rankLog(rank)) === "up\n");
    });
    await driver.cancel(handle, 0.5, signal());
    expect(await follower.toTheEnd()).toMatchObject({ because: "canceled" });
    await until("Slurm's nodes are free", async () => (await cluster.run("squeue", "-h", `--jobs=${String(handle.ref.slurmId)}`)) === "");
    await cluster.whenNodes("idle");
  });

  it("run MPI over two of them, and four processes by another framework's rules", async () => {
    const driver = await desk.connect({ cpusPerNode: 4 });
    const add = `from mpi4py import MPI; world = MPI.COMM_WORLD; print(world.allreduce(world.rank), "of", world.size)`;
    // both nodes are this machine, and shared memory would not believe that
    const variables = { OMPI_MCA_btl: "self,tcp", OMPI_MCA_btl_tcp_if_include: "lo" };
    const mpi = bundleOf({
      script: `exec /usr/bin/python3 -c '${add}'`,
      variables,
      job: { communicator: "mpi", nodes: 2, processesPerNode: 2 },
    });
    const gloo = bundleOf({ script: 'echo "$RANK of $WORLD_SIZE"', job: { communicator: "gloo", nodes: 2, processesPerNode: 2 } });
    for (const [bundle, says] of [
      [mpi, () => "6 of 4\n"],
      [gloo, (rank: number) => `${rank} of 4\n`],
    ] as const) {
      const follower = new Follower(driver, await driver.start(bundle, signal()));
      await until("it has ended", async () => (await follower.look()).phase === "exited");
      expect(await follower.toTheEnd(), follower.text("azureml-logs/70_mpi_log.txt")).toMatchObject({ exitCode: 0 });
      for (const rank of [0, 1, 2, 3]) expect(follower.text(rankLog(rank))).toBe(says(rank));
    }
  });
  it("have room for the tasks of TensorFlow, however they fall on them", async () => {
    const driver = await desk.connect({ cpusPerNode: 4 });
    const job = { communicator: "parameterserver" as const, nodes: 2, tasks: { workers: 3, parameterServers: 1 } };
    const script = 'case $TF_CONFIG in *ps\\",*) exec sleep 300 ;; esac; echo "$TF_CONFIG" | grep -c worker';
    const follower = new Follower(driver, await driver.start(bundleOf({ script, job }), signal()));
    await until("it has ended", async () => (await follower.look()).phase === "exited");
    expect(await follower.toTheEnd(), follower.text("azureml-logs/70_mpi_log.txt")).toMatchObject({ exitCode: 0 });
    for (const rank of [0, 1, 2]) expect(follower.text(rankLog(rank))).toBe("1\n");
  });
});
