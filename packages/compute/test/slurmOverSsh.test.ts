// Every promise of the driver contract once more, with Slurm behind a log-in node.
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSlurmDriver, SLURM_FEATURES } from "@switchyard/compute/slurm";
import { createSshSite } from "@switchyard/compute/ssh";
import { type DriverLab, describeDriver } from "@switchyard/compute/testing";
import { afterAll, beforeAll } from "vitest";
import { LoginNode, SlurmLab } from "../src/testing/slurm/index.ts";
import { TOOLS } from "./localLab.ts";

let cluster: SlurmLab;
let login: LoginNode;
beforeAll(async () => {
  cluster = await SlurmLab.start();
  login = await LoginNode.start(cluster);
}, 120_000);
afterAll(async () => {
  await login?.close();
  await cluster?.close();
});

/** A site of its own for each test, on the disk that log-in node and nodes share. */
async function desk(): Promise<DriverLab> {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-login-"));
  const siteRoot = join(folder, "site");
  return {
    connect: async () => createSlurmDriver({ settleSeconds: 1 }, createSshSite(login.settings(siteRoot), TOOLS), { sharesDisk: false }),
    cut: () => login.machines.host.cut(),
    directoryOf: ({ jobId }) => join(siteRoot, "jobs", jobId),
    // the batch script of a job that has just ended may still write a last file
    close: () => rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 }),
  };
}

describeDriver("slurm behind a log-in node", desk, { ...SLURM_FEATURES, sharesDisk: false }, true);
