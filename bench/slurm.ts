// 500 no-op Slurm jobs through the engine and the Slurm driver, beside a plain sbatch loop on the same cluster.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { openArtifacts } from "@switchyard/artifacts";
import { LocalSite } from "@switchyard/compute/local";
import { createSlurmDriver } from "@switchyard/compute/slurm";
import { Engine, fixedDrivers, fixedTargets, localTarget, silentLogger } from "@switchyard/engine";
import { COMPUTE_KINDS, encodeTree } from "@switchyard/protocol";
import { openStore } from "@switchyard/store";
import { SlurmLab } from "../packages/compute/src/testing/slurm/index.ts";
import { until } from "../test/support/wait.ts";
import { type Benchmark, seconds } from "./measure.ts";

const JOBS = 500;
const PATIENCE_SECONDS = 600;
const fromRepository = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

export const slurm: Benchmark = {
  name: "slurm",
  async run() {
    const folder = mkdtempSync(join(tmpdir(), "switchyard-bench-"));
    // Few slots, as Slurm then has its own pace: with many, all this machine does is start processes.
    const cluster = await SlurmLab.start({ nodes: 3, cpusPerNode: 2 });
    process.env.SLURM_CONF = cluster.env.SLURM_CONF;
    try {
      const plain = await plainLoop(cluster, folder);
      const ours = await throughUs(folder);
      return [
        { what: "baseline: a loop of `sbatch noop.sh`, until Slurm has ended all 500", value: plain, unit: "s" },
        { what: "500 no-op runs through engine and driver, until all are Completed with their logs home", value: ours, unit: "s" },
        { what: "ours relative to the plain loop", value: ours / plain, unit: "×", bar: { atMost: 1.5 } },
      ];
    } finally {
      await cluster.close();
      rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
    }
  },
};

async function plainLoop(cluster: SlurmLab, folder: string): Promise<number> {
  const script = join(folder, "noop.sh");
  writeFileSync(script, "#!/bin/sh\nexit 0\n");
  const loop = `i=0; while [ $i -lt ${JOBS} ]; do sbatch --parsable --output=/dev/null ${script} >/dev/null || exit; i=$((i + 1)); done`;
  return seconds(async () => {
    await promisify(execFile)("sh", ["-c", loop]);
    await until(PATIENCE_SECONDS, "Slurm has ended them all", async () => (await cluster.run("squeue", "--noheader")) === "");
  });
}

async function throughUs(folder: string): Promise<number> {
  const store = await openStore(`sqlite:${join(folder, "bench.db")}`);
  await store.workspaces.ensure("default");
  const artifacts = await openArtifacts(`folder:${join(folder, "artifacts")}`);
  const tools = { supervisor: fromRepository("packages/compute/supervisor"), python: fromRepository("python") };
  const driver = createSlurmDriver({}, new LocalSite({ siteRoot: join(folder, "site"), ...tools }));
  const target = {
    ...localTarget(JOBS, driver.name),
    name: "hpc",
    type: "amlcompute",
    capabilities: COMPUTE_KINDS.amlcompute.capabilities,
  };
  const engine = new Engine({
    store,
    artifacts,
    drivers: fixedDrivers([driver]),
    targets: fixedTargets([target]),
    instance: "bench",
    log: silentLogger,
    client: { serverUrl: "http://127.0.0.1:1", subscriptionId: "bench", resourceGroup: "bench" },
    settings: { maxConcurrentRuns: JOBS },
  });
  engine.start();
  try {
    const tree = Buffer.from(encodeTree([]));
    const sha256 = createHash("sha256").update(tree).digest("hex");
    await artifacts.blobs.put(sha256, [tree]);
    const { snapshotId } = await store.snapshots.create("default", { root: sha256, files: 0, bytes: 0 });
    const submission = {
      experimentName: "bench",
      snapshotId,
      runConfiguration: {
        command: ["sh", "-c", "exit 0"],
        target: "hpc",
        environment: { python: { userManagedDependencies: true, interpreterPath: "python3" } },
      },
    };
    return await seconds(async () => {
      for (let run = 0; run < JOBS; run += 1) await engine.submit("default", submission as never, { submittedBy: "bench" });
      await until(PATIENCE_SECONDS, "every run has ended", async () => {
        return ((await store.runs.countByStatus()).Completed ?? 0) >= JOBS;
      });
    });
  } finally {
    await engine.stop();
    await store.close();
  }
}
