// A sweep of 1,000 no-op trials, 50 at once, on the embedded cluster: what a trial costs beside its script.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { scanFolder, uploadSnapshot } from "@switchyard/sdk/node";
import { LiveServer } from "../test/support/liveServer.ts";
import { until } from "../test/support/wait.ts";
import { type Benchmark, cpuOf, memoryOf, seconds } from "./measure.ts";

const TRIALS = Number(process.env.SWITCHYARD_BENCH_TRIALS ?? 1_000);
const AT_ONCE = 50;
const inWorkspace = { workspace: "default" };
const named = { ...inWorkspace, name: "cluster" };

export const sweepOverhead: Benchmark = {
  name: "sweepOverhead",
  async run() {
    const folder = mkdtempSync(join(tmpdir(), "switchyard-bench-"));
    writeFileSync(join(folder, "noop.sh"), "exit 0\n");
    const server = new LiveServer({ variables: { SWITCHYARD_DEDICATED_CORE_QUOTA: "1000" } });
    try {
      await server.start();
      const { client } = server;
      await readyCluster(server);
      const baseline = await seconds(async () => {
        const { spawnSync } = await import("node:child_process");
        for (let i = 0; i < 100; i++) spawnSync("sh", ["noop.sh"], { cwd: folder });
      });
      const { snapshotId } = await uploadSnapshot(server.client, "default", await scanFolder(folder));
      let runId = "";
      const cpuBefore = cpuOf(server.pid!);
      const took = await seconds(async () => {
        ({ runId } = await submit(server, snapshotId));
        await until(600, "the sweep is over", async () => (await server.client.getRun({ params: { ...inWorkspace, runId } })).endTimeUtc);
      });
      const cpu = cpuOf(server.pid!) - cpuBefore;
      const sweep = await server.client.getSweep({ params: { ...inWorkspace, runId }, query: {} });
      if (sweep.counts.finished !== TRIALS) throw new Error(`only ${sweep.counts.finished} of ${TRIALS} trials completed`);
      await client.updateTarget({ params: named, body: { minNodes: 0, idleSecondsBeforeScaledown: 1 } });
      await until(120, "the nodes are gone", async () => (await client.listTargetNodes({ params: named })).length === 0);
      const replayed = await seconds(() => server.client.replaySweep({ params: { ...inWorkspace, runId } }));
      return [
        {
          what: `${TRIALS} no-op trials, ${AT_ONCE} at once, on the embedded cluster: a trial`,
          value: (took / TRIALS) * 1000,
          unit: "ms",
          bar: { atMost: 100 },
        },
        { what: "baseline: `sh noop.sh` started one by one from Node", value: (baseline / 100) * 1000, unit: "ms" },
        { what: "server's CPU for a trial", value: (cpu / TRIALS) * 1000, unit: "ms" },
        { what: "server's peak memory", value: memoryOf(server.pid!).peak, unit: "MB", bar: { atMost: 400 } },
        { what: "`sweep replay` of it", value: replayed, unit: "s" },
      ];
    } finally {
      await server.close();
      rmSync(folder, { recursive: true });
    }
  },
};

/** A cluster whose nodes are there already: how long those take is another figure. */
async function readyCluster({ client }: LiveServer): Promise<void> {
  const settings = { vmSize: "STANDARD_D1_V2", minNodes: AT_ONCE, maxNodes: AT_ONCE };
  await client.createTarget({ params: inWorkspace, body: { type: "amlcompute", name: "cluster", settings } as never });
  await until(300, "all nodes are idle", async () => {
    const nodes = await client.listTargetNodes({ params: named });
    return nodes.length === AT_ONCE && nodes.every(({ nodeState }) => nodeState === "idle");
  });
}

async function submit({ client }: LiveServer, snapshotId: string) {
  return await client.submitSweep({
    params: inWorkspace,
    body: {
      experimentName: "bench",
      snapshotId,
      runConfiguration: {
        command: ["sh", "noop.sh"],
        target: "cluster",
        environment: { python: { userManagedDependencies: true, interpreterPath: "python3" } },
      },
      sweep: {
        sampling: { type: "random", seed: 1, parameter_space: [{ name: "x", expression: "uniform", values: [0, 1] }] },
        primary_metric_name: "nothing",
        primary_metric_goal: "maximize",
        max_total_runs: TRIALS,
        max_concurrent_runs: AT_ONCE,
      },
    },
  });
}
