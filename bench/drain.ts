// 1,000 queued no-op runs: how many start per second.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LiveServer } from "../test/support/liveServer.ts";
import { until } from "../test/support/wait.ts";
import { type Benchmark, memoryOf, seconds } from "./measure.ts";
import { submitScripts } from "./submitScript.ts";

const RUNS = 1_000;

export const drain: Benchmark = {
  name: "drain",
  async run() {
    const folder = mkdtempSync(join(tmpdir(), "switchyard-bench-"));
    writeFileSync(join(folder, "noop.sh"), "exit 0\n");
    const server = new LiveServer();
    try {
      await server.start();
      const baseline = await seconds(async () => {
        const { spawnSync } = await import("node:child_process");
        for (let i = 0; i < 100; i++) spawnSync("sh", ["noop.sh"], { cwd: folder });
      });
      const took = await seconds(async () => {
        await submitScripts(server.client, folder, "noop.sh", RUNS, ["sh", "noop.sh"]);
        await until(300, "every run has ended", async () => ((await server.client.serverStatus({})).runs.Completed ?? 0) >= RUNS);
      });
      return [
        {
          what: "1,000 no-op runs, submitted one by one: starts a second until all are Completed",
          value: RUNS / took,
          unit: "starts/s",
          bar: { atLeast: 20 },
        },
        { what: "baseline: `sh noop.sh` started one by one from Node", value: 100 / baseline, unit: "starts/s" },
        { what: "server's peak memory", value: memoryOf(server.pid!).peak, unit: "MB", bar: { atMost: 400 } },
      ];
    } finally {
      await server.close();
      rmSync(folder, { recursive: true });
    }
  },
};
