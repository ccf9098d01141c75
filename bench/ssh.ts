// A machine behind SSH: 1 GB sent beside `tar | ssh`, a one-line edit, and 500 running jobs that each log once a second.
import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { createReadStream, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { BundleEntry, ComputeDriver, Cursor, JobBundle, JobHandle } from "@switchyard/compute";
import { createSshDriver } from "@switchyard/compute/ssh";
import { bundleOf, type SshHost, SshLab } from "@switchyard/compute/testing";
import { type Benchmark, cpuOf, type Figure, median, quantile, seconds } from "./measure.ts";

const BYTES = 1_000_000_000;
const JOBS = Number(process.env.JOBS ?? 500);
const WATCHED_SECONDS = 30;
const EDITS = 5;
const TOOLS = { supervisor: resolve("packages/compute/supervisor"), python: resolve("python") };
const signal = () => AbortSignal.timeout(600_000);

export const ssh: Benchmark = {
  name: "ssh",
  async run() {
    const lab = await SshLab.start(1);
    try {
      const driver = createSshDriver(lab.host.settings(), TOOLS);
      return [
        ...(await send(lab, driver, "1 GB in 10,000 files", BYTES, 10_000)),
        ...(await send(lab, driver, "1 GB in 10 files", BYTES, 10)),
        ...(await send(lab, driver, "1 MB in 100 files", BYTES / 1000, 100)),
        ...(await watch(lab.host, driver)),
      ];
    } finally {
      await lab.close();
    }
  },
};

/** A tree on its way, then again after one line has changed. */
async function send(lab: SshLab, driver: ComputeDriver, what: string, bytes: number, count: number): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-bench-tree-"));
  try {
    makeTree(folder, bytes, count);
    const entries = entriesOf(folder);
    const baselines: number[] = [];
    const ours: number[] = [];
    for (let times = 0; times < 3; times += 1) {
      baselines.push(await seconds(() => tarOverSsh(lab, folder)));
      rmSync(join(lab.host.home, "baseline"), { recursive: true });
      rmSync(join(lab.host.home, ".switchyard"), { recursive: true, force: true });
      await driver.check(signal()); // connected, as after the first job
      const bundle = { ...bundleOf({ script: "exit 0" }), code: () => withScript(entries, "exit 0\n") };
      ours.push(await seconds(() => driver.start(bundle, signal())));
    }
    const edit = (line: string) => {
      const script = `echo ${line}\nexit 0\n`;
      return seconds(() => untilFirstLine(driver, { ...bundleOf({}), code: () => withScript(entries, script) }));
    };
    const edits: number[] = [];
    const atOnce: number[] = [];
    for (let times = 0; times < EDITS; times += 1) {
      await settled(lab.host); // nobody edits a line faster than that
      edits.push(await edit(`edit ${times}`));
      atOnce.push(await edit(`and again ${times}`));
    }
    return [
      { what: `${what}, baseline: tar | ssh, median of 3`, value: median(baselines), unit: "s" },
      { what: `${what}, submitted for the first time, median of 3`, value: median(ours), unit: "s" },
      {
        what: `${what}, speed relative to tar | ssh`,
        value: median(baselines) / median(ours),
        unit: "×",
        ...(bytes === BYTES ? { bar: { atLeast: 0.5 } } : {}),
      },
      { what: `${what}, one-line edit: submit to first line, median of ${EDITS}`, value: median(edits), unit: "s", bar: { atMost: 1.5 } },
      { what: `${what}, another one at once, before the cache is whole again`, value: median(atOnce), unit: "s" },
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function tarOverSsh(lab: SshLab, folder: string): void {
  const { host } = lab;
  const options = `-o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -i ${join(lab.folder, "id")}`;
  execFileSync("sh", ["-c", `tar -C ${folder} -cf - . | ssh ${options} trainer@${host.address} 'mkdir baseline && tar -C baseline -xf -'`]);
}

/** Waits until nothing more is done there behind the back of the last job. */
async function settled(host: SshHost): Promise<void> {
  while (readdirSync(join(host.home, ".switchyard/site/staging")).length > 0) await delay(100);
}

async function untilFirstLine(driver: ComputeDriver, bundle: JobBundle): Promise<void> {
  const handle = await driver.start(bundle, signal());
  for (;;) {
    const [seen] = await driver.observe([{ handle, cursors: [] }], 1_000_000, signal());
    if (seen?.grown.some(({ file, bytes }) => file === bundle.job.logs.driver && bytes.length > 0)) return;
    await delay(20);
  }
}

/** Looks at all jobs about once a second, as the server does, and measures how old lines are when they come home. */
async function watch(host: SshHost, driver: ComputeDriver): Promise<Figure[]> {
  // bash, because it waits and tells the time without a process for either
  const script = 'exec 3<> <(:); while :; do echo "$EPOCHREALTIME"; read -r -t 1 -u 3; done';
  const job = { command: { kind: "command" as const, argv: ["bash", "script.sh"] } };
  const handles: JobHandle[] = [];
  const started = await seconds(async () => {
    const bundles = Array.from({ length: JOBS }, () => bundleOf({ script, job }));
    const starting = async () => {
      for (let next = bundles.pop(); next !== undefined; next = bundles.pop()) handles.push(await driver.start(next, signal()));
    };
    await Promise.all([starting(), starting(), starting(), starting()]);
  });
  const follower = new Followed(handles, driver);
  for (let times = 0; times < 5; times += 1) await follower.look(); // what was logged meanwhile is not news
  follower.ages.length = 0;
  const there = await helpersOf(host);
  const before = { us: process.cpuUsage(), there: cpuOfAll(there) };
  const connections = await host.connections();
  const looks: number[] = [];
  const beganMs = performance.now();
  while (performance.now() - beganMs < WATCHED_SECONDS * 1000) {
    const took = await seconds(() => follower.look());
    looks.push(took);
    await delay(Math.max(0, 1000 - took * 1000));
  }
  const spent = (performance.now() - beganMs) / 1000;
  const us = process.cpuUsage(before.us);
  const use = [(us.user + us.system) / 1e6 / spent, (cpuOfAll(there) - before.there) / spent];
  for (const pid of await host.processes()) if (commandOf(pid).startsWith("bash")) process.kill(pid, "SIGKILL");
  return [
    { what: `${JOBS} jobs started, each`, value: (started / JOBS) * 1000, unit: "ms" },
    { what: `${JOBS} running jobs: TCP connections`, value: connections, unit: "", bar: { atMost: 1 } },
    { what: "age of a log line when it comes home, 95th percentile", value: quantile(follower.ages, 0.95), unit: "s", bar: { atMost: 2 } },
    { what: "one look at all of them, median", value: median(looks) * 1000, unit: "ms" },
    { what: "CPU of the driver here", value: (use[0] ?? 0) * 100, unit: "% of a core", bar: { atMost: 10 } },
    { what: "CPU of sshd and the looking program there", value: (use[1] ?? 0) * 100, unit: "% of a core", bar: { atMost: 10 } },
    { what: "lines that came home", value: follower.ages.length, unit: "lines" },
  ];
}

class Followed {
  readonly ages: number[] = [];
  readonly #handles: readonly JobHandle[];
  readonly #driver: ComputeDriver;
  readonly #cursors = new Map<string, Map<string, Cursor>>();

  constructor(handles: readonly JobHandle[], driver: ComputeDriver) {
    this.#handles = handles;
    this.#driver = driver;
  }

  async look(): Promise<void> {
    const watched = this.#handles.map((handle) => ({ handle, cursors: [...(this.#cursors.get(handle.jobId)?.values() ?? [])] }));
    const seen = await this.#driver.observe(watched, 8 * 1024 * 1024, signal());
    const now = Date.now() / 1000;
    for (const { jobId, grown } of seen) {
      const cursors = this.#cursors.get(jobId) ?? new Map<string, Cursor>();
      this.#cursors.set(jobId, cursors);
      for (const { attempt, file, offset, bytes } of grown) {
        cursors.set(file, { attempt, file, offset: offset + bytes.length });
        if (!file.endsWith("80_driver_log.txt")) continue;
        for (const line of Buffer.from(bytes).toString("latin1").split("\n")) if (line !== "") this.ages.push(now - Number(line));
      }
    }
  }
}

/** What works there for us and not for the jobs: sshd and the program that looks. */
async function helpersOf(host: SshHost): Promise<number[]> {
  return (await host.processes()).filter((pid) => /^sshd|Answers questions/.test(commandOf(pid)));
}

const cpuOfAll = (pids: readonly number[]): number => pids.reduce((sum, pid) => sum + cpuOf(pid), 0);

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}

function makeTree(folder: string, bytes: number, count: number): void {
  const noise = randomBytes(bytes / count);
  for (let i = 0; i < count; i += 1) {
    const parent = join(folder, `d${i % 100}`);
    if (i < 100) mkdirSync(parent);
    noise.writeUInt32LE(i, 0);
    writeFileSync(join(parent, `f${i}.bin`), noise);
  }
}

/** Hashed beforehand, as the server's snapshots are. */
function entriesOf(folder: string): BundleEntry[] {
  return readdirSync(folder).flatMap((name): BundleEntry[] => [
    { kind: "folder", path: name, mode: 0o755 },
    ...readdirSync(join(folder, name)).map((file): BundleEntry => {
      const path = join(folder, name, file);
      const sha256 = createHash("sha256").update(readFileSync(path)).digest("hex");
      return {
        kind: "file",
        path: `${name}/${file}`,
        mode: 0o644,
        size: statSync(path).size,
        sha256,
        localPath: path,
        read: () => createReadStream(path, { highWaterMark: 256 * 1024 }),
      };
    }),
  ]);
}

async function* withScript(entries: readonly BundleEntry[], script: string): AsyncIterable<BundleEntry> {
  yield* entries;
  const bytes = Buffer.from(script);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  yield { kind: "file", path: "script.sh", mode: 0o644, size: bytes.length, sha256, localPath: null, read: async function* () { yield bytes; } }; // biome-ignore format: one line
}
