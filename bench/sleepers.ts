// 2,000 runs that sleep at once: memory and CPU of the server, supervisors and sampler.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LiveServer } from "../test/support/liveServer.ts";
import { until } from "../test/support/wait.ts";
import { type Benchmark, cpuOf, cpuSecondsOf, memoryOf } from "./measure.ts";
import { submitScripts } from "./submitScript.ts";

const RUNS = 2_000;
const WATCHED_SECONDS = 60;

export const sleepers: Benchmark = {
  name: "sleepers",
  async run() {
    const folder = mkdtempSync(join(tmpdir(), "switchyard-bench-"));
    writeFileSync(join(folder, "sleep.sh"), "exec sleep 1000000\n");
    const server = new LiveServer({ variables: { SWITCHYARD_MAX_CONCURRENT_RUNS: String(RUNS) } });
    try {
      await server.start();
      const ids = await submitScripts(server.client, folder, "sleep.sh", RUNS, ["sh", "sleep.sh"]);
      await until(300, "every run is running", async () => ((await server.client.serverStatus({})).runs.Running ?? 0) >= RUNS);
      const before = { server: cpuOf(server.pid!), all: cpuSecondsOf(server.home) };
      await new Promise((resolve) => setTimeout(resolve, WATCHED_SECONDS * 1000)); // the span over which use is measured
      const server_ = (cpuOf(server.pid!) - before.server) / WATCHED_SECONDS;
      const all = (cpuSecondsOf(server.home) - before.all) / WATCHED_SECONDS;
      const memory = memoryOf(server.pid!);
      for (const runId of ids) await server.client.cancelRun({ params: { workspace: "default", runId }, body: { graceSeconds: 0 } });
      // no figure: it takes as long as it takes
      await until(1800, "every run is canceled", async () => ((await server.client.serverStatus({})).runs.Canceled ?? 0) >= RUNS);
      return [
        { what: "2,000 sleeping runs: server's memory", value: memory.now, unit: "MB", bar: { atMost: 1024 } },
        { what: "server's peak memory", value: memory.peak, unit: "MB", bar: { atMost: 1024 } },
        { what: "server's CPU", value: server_ * 100, unit: "% of a core" },
        { what: "server, supervisors and sampler together", value: all * 100, unit: "% of a core", bar: { atMost: 50 } },
      ];
    } finally {
      await server.close();
      rmSync(folder, { recursive: true });
    }
  },
};
