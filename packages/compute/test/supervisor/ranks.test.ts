import { readdirSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually, processesOf, SHELLS, type TestJob, TestSite } from "./harness.ts";
import { BARRIER, CONTROL_LOG, python, rankLog, ranks, SHOW, seenBy, sh } from "./rankJobs.ts";

/** A parameter server serves until it is told to stop; a worker needs both of them to be there. */
const TASKS = `import json, os, signal, sys, time
task = json.loads(os.environ["TF_CONFIG"])["task"]
print(os.environ["TF_CONFIG"], flush=True)
def leave(*_): print("leaving", flush=True); sys.exit(0)
if task["type"] == "ps":
    signal.signal(signal.SIGTERM, leave)
    open("../ps-%d" % task["index"], "w").close()
    while True: time.sleep(60)
while not (os.path.exists("../ps-0") and os.path.exists("../ps-1")): time.sleep(0.02)
`;

for (const shell of SHELLS) {
  describe(`ranks under ${shell}`, () => {
    let site: TestSite;
    beforeEach(() => {
      site = new TestSite(shell);
    });
    afterEach(() => site.clean());
    const nothingIsLeft = (job: TestJob) => eventually("nothing is left", () => processesOf(job.folder).length === 0);

    it("starts every process on every node, each with its own log and its own numbers", async () => {
      const job = site.place("numbers", ranks({ nodes: 3, processesPerNode: 2, ...python(SHOW) }));
      expect(await job.run()).toMatchObject({ exitCode: 0, signal: null, because: null });
      const all = [0, 1, 2, 3, 4, 5].map((rank) => seenBy(job, rank));
      const [first] = all;
      expect(first?.MASTER_PORT).toMatch(/^\d+$/);
      for (const [rank, seen] of all.entries()) {
        const node = Math.floor(rank / 2);
        expect(seen).toMatchObject({
          RANK: `${rank}`,
          WORLD_SIZE: "6",
          LOCAL_RANK: `${rank % 2}`,
          LOCAL_WORLD_SIZE: "2",
          NODE_RANK: `${node}`,
          MASTER_ADDR: "127.0.0.1",
          MASTER_PORT: first?.MASTER_PORT,
          AZ_BATCH_MASTER_NODE: `127.0.0.1:${first?.MASTER_PORT}`,
          AZ_BATCHAI_TASK_INDEX: `${rank}`,
          AZ_BATCHAI_PYTORCH_INIT_METHOD: `file://${job.attempt()}/ranks/rendezvous`,
          SWITCHYARD_RANK: `${rank}`,
          SWITCHYARD_WORLD_SIZE: "6",
          SWITCHYARD_LOCAL_RANK: `${rank % 2}`,
          SWITCHYARD_LOCAL_WORLD_SIZE: "2",
          SWITCHYARD_NODE_RANK: `${node}`,
          SWITCHYARD_NODE_COUNT: "3",
          SWITCHYARD_NODE: `node-${node}`,
        });
      }
      expect(readdirSync(join(job.attempt(), "azureml-logs"))).toEqual([
        "60_control_log.txt",
        ...[0, 1, 2, 3, 4, 5].map((n) => `70_driver_log_${n}.txt`),
      ]);
      await nothingIsLeft(job);
    });

    it("lets ranks find each other", async () => {
      const job = site.place("barrier", ranks({ nodes: 2, processesPerNode: 2, ...python(BARRIER) }));
      expect(await job.run()).toMatchObject({ exitCode: 0 });
      for (const rank of [0, 1, 2, 3]) expect(job.read(rankLog(rank))).toBe("sum 6\n");
    });

    it("gives TensorFlow's tasks their cluster, and ends the parameter servers when the workers are done", async () => {
      const job = site.place(
        "tasks",
        ranks({ communicator: "parameterserver", nodes: 2, tasks: { workers: 3, parameterServers: 2 }, ...python(TASKS) }),
      );
      expect(await job.run()).toMatchObject({ exitCode: 0, signal: null, because: null });
      const configs = [0, 1, 2, 3, 4].map((rank) => JSON.parse(job.read(rankLog(rank)).split("\n")[0] ?? ""));
      const { cluster } = configs[0];
      expect(Object.keys(cluster)).toEqual(["ps", "worker"]);
      const addresses: string[] = [...cluster.ps, ...cluster.worker];
      expect(new Set(addresses).size).toBe(5);
      for (const address of addresses) expect(address).toMatch(/^127\.0\.0\.1:\d+$/);
      expect(configs).toEqual([
        ...[0, 1, 2].map((index) => ({ cluster, task: { type: "worker", index }, environment: "cloud" })),
        ...[0, 1].map((index) => ({ cluster, task: { type: "ps", index }, environment: "cloud" })),
      ]);
      expect(job.read(rankLog(3))).toContain("leaving\n");
      expect(job.read(CONTROL_LOG)).toContain("All workers are done, so the parameter servers are ended.");
      await nothingIsLeft(job);
    });

    it("needs no parameter servers, and tells older scripts their hosts as well", async () => {
      const job = site.place(
        "mirrored",
        ranks({ communicator: "parameterserver", nodes: 2, tasks: { workers: 2, parameterServers: 0 }, ...python(SHOW) }),
      );
      expect(await job.run()).toMatchObject({ exitCode: 0 });
      const second = seenBy(job, 1);
      const { cluster, task } = JSON.parse(second.TF_CONFIG ?? "");
      expect(Object.keys(cluster)).toEqual(["worker"]);
      expect(task).toEqual({ type: "worker", index: 1 });
      expect(second).toMatchObject({
        AZ_BATCHAI_WORKER_HOSTS: cluster.worker.join(","),
        AZ_BATCHAI_PS_HOSTS: "",
        AZ_BATCHAI_JOB_NAME: "worker",
        AZ_BATCHAI_TASK_INDEX: "1",
        NODE_RANK: "1",
      });
    });

    it("starts one process on each node without a communicator, and tells a single process that it is alone", async () => {
      const several = site.place("several", ranks({ communicator: "none", nodes: 2, ...python(SHOW) }));
      expect(await several.run()).toMatchObject({ exitCode: 0 });
      expect(seenBy(several, 1)).toMatchObject({ SWITCHYARD_RANK: "1", SWITCHYARD_NODE: "node-1", NODE_RANK: "1" });
      expect(seenBy(several, 1)).not.toHaveProperty("RANK");
      const alone = site.place("alone", python(SHOW));
      expect(await alone.run()).toMatchObject({ exitCode: 0 });
      const seen = JSON.parse(alone.read("azureml-logs/80_driver_log.txt"));
      expect(seen).toMatchObject({
        SWITCHYARD_RANK: "0",
        SWITCHYARD_WORLD_SIZE: "1",
        SWITCHYARD_NODE: hostname(),
        SWITCHYARD_NODE_COUNT: "1",
      });
      expect(seen).not.toHaveProperty("MASTER_ADDR");
    });

    it("fills in the variables that an argument names, and a port that the run chose", async () => {
      const words = ["--rank=$AZ_BATCHAI_TASK_INDEX", `$${"{MASTER_ADDR}"}:$MASTER_PORT`, "$HOME"];
      const job = site.place(
        "words",
        ranks({
          nodes: 2,
          variables: { MASTER_PORT: "6105", RANK: "77" },
          ...python("import os, sys; print(sys.argv[1:], os.environ['RANK'])", ...words),
        }),
      );
      expect(await job.run()).toMatchObject({ exitCode: 0 });
      for (const rank of [0, 1]) expect(job.read(rankLog(rank))).toBe(`['--rank=${rank}', '127.0.0.1:6105', '$HOME'] ${rank}\n`);
    });

    it("takes names and addresses of the nodes from who starts it", async () => {
      site.variables.SWITCHYARD_PLACEMENT_NODES = "red green blue";
      site.variables.SWITCHYARD_PLACEMENT_ADDRESSES = "127.0.0.2 127.0.0.3 127.0.0.4";
      const job = site.place("placed", ranks({ nodes: 2, ...python(SHOW) }));
      expect(await job.run()).toMatchObject({ exitCode: 0 });
      expect(seenBy(job, 1)).toMatchObject({ SWITCHYARD_NODE: "green", SWITCHYARD_NODE_COUNT: "2", MASTER_ADDR: "127.0.0.2" });
    });

    it.each([
      ["few", { SWITCHYARD_PLACEMENT_NODES: "red" }, "The job needs 2 nodes and was given 1: red."],
      ["telepathy", { SWITCHYARD_PLACEMENT: "telepathy" }, 'cannot place processes by "telepathy"'],
      ["outside", { SWITCHYARD_PLACEMENT: "srun" }, "in no Slurm allocation"],
      ["no-srun", { SWITCHYARD_PLACEMENT_MPI: "srun" }, "inside a Slurm allocation only"],
      ["odd", { SWITCHYARD_PLACEMENT_NODES: "red $(id)" }, "holds a character that none of them can have"],
    ])("refuses nodes that do not fit the job: %s", async (id, variables, says) => {
      Object.assign(site.variables, variables);
      const communicator = id === "no-srun" ? "mpi" : "gloo";
      const job = site.place(id, ranks({ communicator, nodes: 2, command: sh("echo ran") }));
      expect(await job.run()).toMatchObject({ exitCode: null, because: "placement_failed" });
      for (const log of [CONTROL_LOG, rankLog(0)]) expect(job.read(log)).toContain(says);
      expect(job.read(rankLog(0))).not.toContain("ran");
    });

    it("succeeds with codes that count as success", async () => {
      const job = site.place(
        "codes",
        ranks({ nodes: 3, successCodes: [0, 3], command: sh('[ "$RANK" = 0 ] || exit 3; sleep 0.2; echo done') }),
      );
      expect(await job.run()).toMatchObject({ exitCode: 0 });
      expect(job.read(rankLog(0))).toBe("done\n");
    });
  });
}
