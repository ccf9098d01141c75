import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createSiteCleaner } from "../src/site/siteCleaner.ts";

let site: string;
beforeEach(() => {
  site = mkdtempSync(join(tmpdir(), "switchyard-site-"));
});
afterEach(() => rmSync(site, { recursive: true, force: true }));

const current = async () => "c".repeat(16);
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
  const cleaner = createSiteCleaner(site, current);

  const dry = await cleaner.environments({ unusedDays: 30, dryRun: true });
  expect({ ...dry, names: dry.names.toSorted() }).toEqual({ count: 2, bytes: 10, names: [nameOf("1"), nameOf("2")] });
  expect(existsSync(old)).toBe(true);
  await cleaner.environments({ unusedDays: 30, dryRun: false });
  expect([old, halfBuilt, fresh, building, needed, foreign].map(existsSync)).toEqual([false, false, true, true, true, true]);
});

it("frees directories of runs that are over", async () => {
  job("over", nameOf("1"));
  job("running", nameOf("1"));
  const options = { isOver: async (runId: string) => runId === "over" };
  const cleaner = createSiteCleaner(site, current);
  const { count, bytes } = await cleaner.runDirectories({ ...options, dryRun: true });
  expect([count, bytes > 0]).toEqual([1, true]);
  await cleaner.runDirectories({ ...options, dryRun: false });
  expect(["over", "running"].map((jobId) => existsSync(join(site, "jobs", jobId)))).toEqual([false, true]);
});

it("asks about the run that a job file names: the id of another run may look like the job's", async () => {
  const cut = "x".repeat(100);
  job(`${cut}~0123456789abcdef`, nameOf("1"), `${cut}${"y".repeat(100)}`);
  const { count } = await createSiteCleaner(site, current).runDirectories({ isOver: async (runId) => runId === cut, dryRun: true });
  expect(count).toBe(0);
});

it("frees tools of other versions that no job links to", async () => {
  const toolkit = (digit: string) => {
    const folder = join(site, "toolkits", digit.repeat(16));
    mkdirSync(join(folder, "supervisor"), { recursive: true });
    writeFileSync(join(folder, "supervisor/supervise"), "12345");
    return folder;
  };
  const folders = ["a", "b", "c"].map(toolkit);
  job("running", nameOf("1"));
  symlinkSync(`../../../toolkits/${"b".repeat(16)}/supervisor/supervise`, join(site, "jobs/running/.switchyard/supervise"));
  const cleaner = createSiteCleaner(site, current);
  expect(await cleaner.toolkits({ dryRun: true })).toEqual({ count: 1, bytes: 5 });
  expect(folders.map(existsSync)).toEqual([true, true, true]);
  await cleaner.toolkits({ dryRun: false });
  expect(folders.map(existsSync)).toEqual([false, true, true]);
});

it("frees nothing where there never was a job", async () => {
  const cleaner = createSiteCleaner(join(site, "none"), current);
  expect(await cleaner.environments({ unusedDays: 0, dryRun: false })).toEqual({ count: 0, bytes: 0, names: [] });
});

function job(jobId: string, environmentName: string, runId = jobId): void {
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
    runId,
    experimentName: "e",
    firstAttempt: 1,
    command: { kind: "python", script: "train.py", arguments: [] },
    environment: environmentOfJob,
    variables: {},
    nodes: 1,
    processesPerNode: 1,
    communicator: "none",
    tasks: null,
    limits: { maxSeconds: null, graceSeconds: 30 },
    logs: { build: "b", control: "c", driver: "d" },
    watch: [],
    collect: [],
    successCodes: [0],
  };
  writeFileSync(join(own, "job.json"), JSON.stringify(file));
}
