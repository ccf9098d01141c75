import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type JournalRecord, journalRecord } from "@switchyard/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually, isAlive, kill, type TestJob, TestSite } from "./harness.ts";

const HOST = "journal/_host.jsonl";
type Use = Extract<JournalRecord, { k: "use" }>;
const uses = (job: TestJob): Use[] =>
  job
    .read(HOST)
    .split("\n")
    .slice(0, -1) // the last one may be half-written
    .filter((line) => line !== "")
    .map((line) => journalRecord.parse(JSON.parse(line)) as Use);
/** What is known of the peak while the job runs; 0 for nothing yet. */
const peakOf = (job: TestJob): number => Number(job.read("peak"));
const BUSY = "data = bytearray(50_000_000)\nprint('ready', flush=True)\nwhile True: sum(range(10_000))\n";
const python = (text: string) => ({ command: { kind: "python" as const, script: "a.py", arguments: [] }, code: { "a.py": text } });

describe.skipIf(!existsSync("/proc/self/stat"))("the sampler", () => {
  let site: TestSite;
  beforeEach(() => {
    site = new TestSite("dash");
    site.variables.SWITCHYARD_SAMPLE_SECONDS = "0.05";
  });
  afterEach(async () => {
    const pid = samplerPid(site);
    await site.clean();
    // without its site it leaves by itself
    await eventually("the sampler left", () => pid === 0 || !isAlive(pid));
  });

  it("writes the use of a run into its journal, numbered, and its peak into the end", async () => {
    const job = site.place("busy", { ...python(BUSY), sampler: true });
    await job.launch();
    await eventually("samples of its work", () => uses(job).some(({ cpu, memory }) => (cpu ?? 0) > 0.01 && (memory ?? 0) > 50_000_000));
    await eventually("its peak", () => peakOf(job) > 0);
    await site.supervise("stop", job.folder, "0", "canceled");
    const ended = await job.ended();
    const seen = uses(job);
    expect(seen.map(({ n }) => n)).toEqual(seen.map((_, at) => at + 1));
    expect(ended.peakMemoryBytes).toBeGreaterThanOrEqual(Math.max(...seen.map(({ memory }) => memory ?? 0)));
    expect(ended.files[HOST]).toBe(Buffer.byteLength(job.read(HOST)));
  });

  describe("the peak", () => {
    beforeEach(() => {
      site.variables.SWITCHYARD_SAMPLE_SECONDS = "60";
      site.variables.SWITCHYARD_LOOK_SECONDS = "0.05";
    });
    // after the peak the script waits until it was told, so that it is seen long after it is over
    const start = "import os, time\npath = '../.switchyard/attempts/1/peak'\n";
    const peaking = `${start}held = bytearray(200_000_000)\ndel held\n`;
    const told = "while not os.path.exists(path) or int(open(path).read()) < 200_000_000: time.sleep(0.01)\n";

    it("is what a process held for a moment between two samples", async () => {
      const job = site.place("moment", { ...python(peaking + told), sampler: true });
      const ended = await job.run();
      expect(ended.peakMemoryBytes).toBeGreaterThan(200_000_000);
      expect(ended.peakMemoryBytes).toBeLessThan(400_000_000);
    });

    it("stays what it was when the process is gone and another sampler goes on", async () => {
      site.variables.SWITCHYARD_SAMPLE_SECONDS = "0.05";
      const inChild = `import os\nif os.fork() == 0:\n  exec(${JSON.stringify(peaking + told)})\n  os._exit(0)\n`;
      const after = "os.wait()\nopen('gone', 'w')\nimport time\nwhile True: time.sleep(0.01)\n";
      const job = site.place("again", { ...python(inChild + after), sampler: true });
      await job.launch();
      await eventually("the child is gone", () => existsSync(join(job.folder, "code/gone")));
      const before = samplerPid(site);
      kill(before);
      await eventually("it is dead", () => !isAlive(before));
      const seen = uses(job).length;
      await site.place("next", { ...python("print(1)"), sampler: true }).run();
      await eventually("the next one looked", () => uses(job).length > seen + 2);
      await site.supervise("stop", job.folder, "0", "canceled");
      expect((await job.ended()).peakMemoryBytes).toBeGreaterThan(200_000_000);
    });

    it("is that of all processes together", async () => {
      const halves = "child = os.fork()\nheld = bytearray(100_000_000)\n";
      const job = site.place("both", { ...python(`${start}${halves}${told}if child: os.wait()\n`), sampler: true });
      expect((await job.run()).peakMemoryBytes).toBeGreaterThan(200_000_000);
    });

    it("is unknown when a run was over before it could be looked at again", async () => {
      site.variables.SWITCHYARD_LOOK_SECONDS = "60";
      const sampling = "import os, time\nwhile not os.path.exists('../../../sampler/pid'): time.sleep(0.01)\n";
      const job = site.place("short", { ...python(sampling), sampler: true });
      expect((await job.run()).peakMemoryBytes).toBeNull();
    });
  });

  it("counts the ranks of a distributed run, wherever mpirun keeps them", async () => {
    const ranks = {
      communicator: "mpi" as const,
      nodes: 2,
      logs: { build: "azureml-logs/20.txt", control: "azureml-logs/60.txt", driver: "azureml-logs/70_driver_log_0.txt" },
    };
    const job = site.place("mpi", { ...python(BUSY), ...ranks, sampler: true });
    await job.launch();
    await eventually("samples of both", () => uses(job).some(({ memory }) => (memory ?? 0) > 100_000_000) && peakOf(job) > 100_000_000);
    await site.supervise("stop", job.folder, "0", "canceled");
    expect((await job.ended()).peakMemoryBytes).toBeGreaterThan(100_000_000);
  });

  it("is one for all runs of a site, and never writes after the end", async () => {
    const jobs = Array.from({ length: 6 }, (_, at) => site.place(`many${at}`, { ...python(BUSY), sampler: true }));
    await Promise.all(jobs.map((job) => job.launch()));
    await eventually("a sample of each", () => jobs.every((job) => uses(job).length > 0));
    // those that were started at the same moment see that they are not needed
    await eventually("one is left", () => samplersOf(site.root).length === 1);
    await Promise.all(jobs.map((job) => site.supervise("stop", job.folder, "0", "canceled")));
    const ends = await Promise.all(jobs.map((job) => job.ended()));
    await eventually("the sampler forgot them", () => readdirSync(join(site.root, "sampler/attempts")).length === 0);
    expect(jobs.map((job) => Buffer.byteLength(job.read(HOST)))).toEqual(ends.map(({ files }) => files[HOST]));
  });

  it("writes through no link that a script puts in the place of its journal", async () => {
    const victim = join(site.root, "victim");
    writeFileSync(victim, "whole\n");
    const link = `import os\nos.symlink(${JSON.stringify(victim)}, os.environ["SWITCHYARD_JOURNAL_DIR"] + "/_host.jsonl")\n`;
    const job = site.place("link", { ...python(link + BUSY), sampler: true });
    const other = site.place("other", { ...python(BUSY), sampler: true });
    await job.launch();
    await eventually("the link is there", () => existsSync(join(job.attempt(), HOST)));
    await other.launch();
    await eventually("samples of the other", () => uses(other).length > 2);
    for (const each of [job, other]) await site.supervise("stop", each.folder, "0", "canceled");
    await Promise.all([job.ended(), other.ended()]);
    expect(readFileSync(victim, "utf8")).toBe("whole\n");
  });

  it("is started anew when it was killed, even while it wrote, and goes on counting", async () => {
    const job = site.place("first", { ...python(BUSY), sampler: true });
    await job.launch();
    await eventually("a sample", () => uses(job).length > 0);
    kill(samplerPid(site));
    await eventually("it is dead", () => !isAlive(samplerPid(site)));
    const before = uses(job).length;
    mkdirSync(join(job.attempt(), "sampling"), { recursive: true });
    await site.place("second", { ...python("print(1)"), sampler: true }).run();
    await eventually("more samples", () => uses(job).length > before);
    const seen = uses(job);
    expect(seen.map(({ n }) => n)).toEqual(seen.map((_, at) => at + 1));
  });

  it("does not hold up an end when it died while it wrote", async () => {
    const job = site.place("stuck", python("import os; os.mkdir('../.switchyard/attempts/1/sampling')"));
    mkdirSync(join(site.root, "sampler/attempts"), { recursive: true });
    expect(await job.run()).toMatchObject({ exitCode: 0 });
  });

  it("reads GPUs where there is nvidia-smi", async () => {
    site.addTool(
      "nvidia-smi",
      `#!/bin/sh
case $1 in
  --query-gpu=*) printf 'GPU-a, 80\\nGPU-b, [N/A]\\n' ;;
  *) read -r _ _ _ _ script _ <'${site.root}/jobs/gpu/.switchyard/attempts/1/pids' && echo "GPU-a, $script, 512" ;;
esac
`,
    );
    const job = site.place("gpu", { ...python(BUSY), sampler: true });
    await job.launch();
    const use = await eventually("a sample with a GPU", () => uses(job).find(({ gpuMemory }) => gpuMemory));
    expect(use.gpuMemory).toBe(512 * 1024 * 1024);
    expect(use.gpu).toBe(0.8);
  });
});

function samplerPid(site: TestSite): number {
  const path = join(site.root, "sampler/pid");
  return existsSync(path) ? Number(readFileSync(path, "utf8").split(" ")[0]) : 0;
}

function samplersOf(root: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
      return command.includes("sampler.py\0") && command.includes(root) && isAlive(Number(pid));
    } catch {
      return false;
    }
  });
}
