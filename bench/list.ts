// Listing, filtering and sorting 10,000 runs by a metric.

import { join } from "node:path";
import { openStore } from "@switchyard/store";
import { LiveServer } from "../test/support/liveServer.ts";
import { type Benchmark, median } from "./measure.ts";
import { seedRuns } from "./seedRuns.ts";

const ROUNDS = 50;

export const list: Benchmark = {
  name: "list",
  async run() {
    const server = new LiveServer();
    try {
      await server.start();
      await server.kill();
      const store = await openStore(`sqlite:${join(server.home, "switchyard.db")}`);
      await seedRuns(store, 10_000);
      await store.close();
      await server.start();
      const ask = async (query: Record<string, unknown>) => {
        const times: number[] = [];
        for (let i = 0; i < ROUNDS; i++) {
          const began = performance.now();
          await server.client.listRuns({
            params: { workspace: "default" },
            query: { limit: 100, includeChildren: false, order: "-created", ...query },
          });
          times.push(performance.now() - began);
        }
        return median(times);
      };
      return [
        { what: "newest 100 of 10,000 runs, p50", value: await ask({}), unit: "ms", bar: { atMost: 50 } },
        { what: "best 100 by a metric, p50", value: await ask({ order: "-metrics.accuracy" }), unit: "ms", bar: { atMost: 50 } },
        {
          what: "filtered by a metric and a tag, sorted by the metric, p50",
          value: await ask({ where: "metrics.accuracy > 0.5 and tags.team = 'a'", order: "-metrics.accuracy" }),
          unit: "ms",
          bar: { atMost: 50 },
        },
        { what: "status filter, p50", value: await ask({ status: "Completed" }), unit: "ms", bar: { atMost: 50 } },
      ];
    } finally {
      await server.close();
    }
  },
};
