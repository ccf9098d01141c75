import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/support/longestFirst.ts";

export default defineConfig({
  test: {
    include: ["packages/*/test/**/*.test.ts", "packages/*/src/**/*.test.ts", "test/**/*.test.ts"],
    globalSetup: ["packages/compute/src/testing/docker/sharedEngines.ts"],
    // Real processes on a busy two-core machine: generous limits, since every wait is for an event. Many files wait most of their time
    // (for Slurm, for a network that comes back): a third worker has use of the processors meanwhile.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    pool: "forks",
  },
});
