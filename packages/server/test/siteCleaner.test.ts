import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createSiteCleaner } from "../src/site/siteCleaner.ts";

let site: string;
beforeEach(() => {
  site = mkdtempSync(join(tmpdir(), "switchyard-site-"));
});
afterEach(() => rmSync(site, { recursive: true, force: true }));

const nameOf = (digit: string) => `azureml_${digit.repeat(32)}`;
const LONG_AGO = new Date(Date.now() - 40 * 24 * 3600_000);

function environment(digit: string, marks: readonly string[], at = LONG_AGO): string {
  const folder = join(site, "environments", nameOf(digit));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "python"), "12345");
  for (const mark of marks) {
    writeFileSync(join(folder, mark), "");
    utimesSync(join(folder, mark), at, at);
  }
  utimesSync(folder, LONG_AGO, LONG_AGO);
  return folder;
}

it("frees environments that nobody used for long: not those in use, being built, or not ours", async () => {
  const old = environment("1", [".complete", ".last-used"]);
  const halfBuilt = environment("2", []);
  const fresh = environment("3", [".complete", ".last-used"], new Date());
  const building = environment("4", []);
  mkdirSync(`${building}.lock`);
  const needed = environment("5", [".complete"]);
  const foreign = join(site, "environments", "mine");
  mkdirSync(foreign);
  job("running", nameOf("5"));
  const cleaner = createSiteCleaner(site);

  const dry = await cleaner.environments({ unusedDays: 30, dryRun: true });
  expect({ ...dry, names: dry.names.toSorted() }).toEqual({ count: 2, bytes: 10, names: [nameOf("1"), nameOf("2")] });
  expect(existsSync(old)).toBe(true);
  await cleaner.environments({ unusedDays: 30, dryRun: false });
  expect([old, halfBuilt, fresh, building, needed, foreign].map(existsSync)).toEqual([false, false, true, true, true, true]);
});

it("frees directories of runs that are over", async () => {
  job("over", nameOf("1"));
  job("running", nameOf("1"));
  const options = { isOver: async (jobId: string) => jobId === "over" };
  const cleaner = createSiteCleaner(site);
  const { count, bytes } = await cleaner.runDirectories({ ...options, dryRun: true });
  expect([count, bytes > 0]).toEqual([1, true]);
  await cleaner.runDirectories({ ...options, dryRun: false });
  expect(["over", "running"].map((jobId) => existsSync(join(site, "jobs", jobId)))).toEqual([false, true]);
});

it("frees nothing where there never was a job", async () => {
  const cleaner = createSiteCleaner(join(site, "none"));
  expect(await cleaner.environments({ unusedDays: 0, dryRun: false })).toEqual({ count: 0, bytes: 0, names: [] });
});

function job(jobId: string, environmentName: string): void {
  const own = join(site, "jobs", jobId, ".switchyard");
  mkdirSync(own, { recursive: true });
  const environmentOfJob = {
    kind: "system",
    name: environmentName,
    conda: "",
    requirements: null,
    whyNotPip: null,
    python: null,
    mayBuild: true,
  };
  const file = {
    version: 1,
    jobId,
    runId: jobId,
    experimentName: "e",
    firstAttempt: 1,
    command: { kind: "python", script: "train.py", arguments: [] },
    environment: environmentOfJob,
    variables: {},
    nodes: 1,
    processesPerNode: 1,
    limits: { maxSeconds: null, graceSeconds: 30 },
    logs: { build: "b", control: "c", driver: "d" },
    watch: [],
    collect: [],
    successCodes: [0],
  };
  writeFileSync(join(own, "job.json"), JSON.stringify(file));
}
