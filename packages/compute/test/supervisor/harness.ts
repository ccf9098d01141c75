import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type EndedEvent, type JobEvent, type JobFile, jobEvent, makeStandIn, STAND_IN_NAMES, standInVersion } from "@switchyard/protocol";
import { environmentFiles } from "../../src/bundle/environmentFiles.ts";
import { renderJobShell } from "../../src/bundle/jobShell.ts";
import { renderSecretShell } from "../../src/bundle/secretShell.ts";

export const SUPERVISOR_FOLDER = fileURLToPath(new URL("../../supervisor", import.meta.url));

/** The shells that the supervisor promises to work under. */
export const SHELLS = ["dash", "busybox", "bash"] as const;
export type ShellName = (typeof SHELLS)[number];

/** Finds a program on PATH. */
export function find(program: string): string | null {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path)) ?? null;
}

/** Waits until `look` answers with something, and fails with `what` when that takes too long. */
export async function eventually<T>(what: string, look: () => T | null | undefined | false, seconds = 100): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const began = performance.now();
    const seen = look();
    if (seen) return seen;
    if (Date.now() > deadline) throw new Error(`Waited ${seconds} s in vain: ${what}.`);
    await sleep(Math.max(10, performance.now() - began)); // looking through all processes of a machine costs what others need
  }
}

/** Everything of a job that a test wants to change. */
export interface JobOptions extends Partial<Omit<JobFile, "limits">> {
  readonly limits?: Partial<JobFile["limits"]>;
  /** files of the snapshot by path */
  readonly code?: Readonly<Record<string, string>>;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly requirements?: string;
  /** with the sampler, which most tests do not want beside them */
  readonly sampler?: boolean;
}

/** A site in a temporary folder, where one shell supervises jobs. */
export class TestSite {
  readonly root: string;
  /** stands first on PATH */
  readonly tools: string;
  readonly #folder: string;
  readonly shell: string;
  readonly variables: Record<string, string>;
  readonly #started: ChildProcess[] = [];

  constructor(shell: ShellName, parent = tmpdir()) {
    this.#folder = mkdtempSync(join(parent, "switchyard-supervisor-"));
    this.root = join(this.#folder, "the site");
    this.tools = join(this.#folder, "tools");
    for (const folder of [this.tools, join(this.root, "jobs"), join(this.root, "bells")]) mkdirSync(folder, { recursive: true });
    const program = find(shell);
    if (program === null) throw new Error(`These tests need ${shell}. Install it: apt-get install ${shell}.`);
    this.shell = join(this.tools, "sh");
    symlinkSync(program, this.shell);
    if (shell === "busybox") linkApplets(program, this.tools);
    this.variables = { PATH: `${this.tools}${delimiter}${process.env.PATH}`, HOME: this.root, SWITCHYARD_SH: this.shell };
  }

  /** Puts a program on the PATH of everything this site runs. */
  addTool(name: string, text: string): void {
    // it may be a link to busybox until now
    rmSync(join(this.tools, name), { force: true });
    writeFileSync(join(this.tools, name), text, { mode: 0o755 });
  }

  /** Makes an empty file, which scripts wait for. */
  touch(path: string): void {
    writeFileSync(path, "");
  }

  /** Lays a job directory out as a driver would. */
  place(id: string, options: JobOptions = {}): TestJob {
    const { code = {}, secrets = {}, requirements, limits, sampler = false, ...rest } = options;
    const job: JobFile = { ...defaultJob(id), ...rest, limits: { maxSeconds: null, graceSeconds: 5, ...limits } };
    const folder = join(this.root, "jobs", id);
    const own = join(folder, ".switchyard");
    mkdirSync(join(own, "environment"), { recursive: true });
    cpSync(SUPERVISOR_FOLDER, own, { recursive: true });
    if (!sampler) rmSync(join(own, "sampler.py"), { force: true });
    for (const [path, text] of Object.entries(code)) write(join(folder, "code", path), text);
    write(join(own, "job.json"), JSON.stringify(job));
    write(join(own, "job.sh"), renderJobShell(job));
    write(join(own, "secret.sh"), renderSecretShell(secrets), 0o600);
    const { environment } = job;
    const withRequirements = environment.kind === "system" && requirements !== undefined ? { ...environment, requirements } : environment;
    for (const { path, content } of environmentFiles({ ...job, environment: withRequirements })) write(join(folder, path), content);
    symlinkSync(standIns(this.root), join(own, "wheels"));
    return new TestJob(this, folder, job);
  }

  /** Runs `supervise` in the foreground until it ends. */
  async supervise(...words: string[]): Promise<{ code: number | null; output: string }> {
    const child = this.spawn(words);
    let output = "";
    child.stdout?.on("data", (bytes) => (output += bytes));
    child.stderr?.on("data", (bytes) => (output += bytes));
    const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
    return { code, output };
  }

  spawn([command = "", folder = "", ...rest]: string[]): ChildProcess {
    const words = [join(folder, ".switchyard/supervise"), command, folder, ...rest];
    const child = spawn(this.shell, words, { env: this.variables, stdio: ["ignore", "pipe", "pipe"] });
    this.#started.push(child);
    return child;
  }

  /** Ends whatever is left and removes the site. */
  async clean(): Promise<void> {
    for (const id of readdirSync(join(this.root, "jobs"))) kill(...processesOf(join(this.root, "jobs", id)));
    for (const child of this.#started) if (child.exitCode === null) child.kill("SIGKILL");
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 }); // `rmSync` makes no pauses
  }
}

/** One job directory and what can be read in it. */
export class TestJob {
  readonly site: TestSite;
  readonly folder: string;
  readonly job: JobFile;

  constructor(site: TestSite, folder: string, job: JobFile) {
    this.site = site;
    this.folder = folder;
    this.job = job;
  }

  attempt(number = 1): string {
    return join(this.folder, ".switchyard/attempts", `${number}`);
  }

  /** The text of a file below the attempt's folder, empty when there is none. */
  read(file: string, number = 1): string {
    const path = join(this.attempt(number), file);
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  }

  /** Every event so far; a line that does not fit the schema fails the test. */
  events(number = 1): JobEvent[] {
    const lines = this.read("events.jsonl", number).split("\n").slice(0, -1);
    return lines.filter((line) => line !== "").map((line) => jobEvent.parse(JSON.parse(line)));
  }

  kinds(number = 1): string[] {
    return this.events(number).map((event) => event.kind);
  }

  /** Runs the job to its end and gives the last event. */
  async run(): Promise<EndedEvent> {
    await this.launch();
    return this.ended();
  }

  async launch(): Promise<void> {
    const { code, output } = await this.site.supervise("launch", this.folder);
    if (code !== 0) throw new Error(`supervise launch ended with ${code}: ${output}`);
  }

  /** Waits for the end and checks what is true of every end. */
  async ended(number = 1, seconds = 100): Promise<EndedEvent> {
    await eventually(
      `attempt ${number} of ${this.folder} ends; events: ${this.read("events.jsonl", number)}`,
      () => this.read("ended.json", number),
      seconds,
    );
    const ended = jobEvent.parse(JSON.parse(this.read("ended.json", number)));
    const events = this.events(number);
    if (ended.kind !== "ended") throw new Error(`ended.json holds ${ended.kind}.`);
    if (events.filter(({ kind }) => kind === "ended").length !== 1) throw new Error(`Not one end: ${this.read("events.jsonl", number)}`);
    return ended;
  }

  /** The numbers of `pids`, once the script's is known. */
  async pids(number = 1): Promise<{ supervisor: number; waiter: number; script: number }> {
    // the event is written after the pids, so it is looked for before them
    const words = await eventually(
      "the script started",
      () => this.kinds(number).includes("started") && this.read("pids", number).split(" "),
    );
    return { supervisor: Number(words[0]), waiter: Number(words[2]), script: Number(words[4]) };
  }
}

/** Does a process exist that is not a zombie? */
export function isAlive(pid: number): boolean {
  const stat = readStat(pid);
  return stat !== null && stat.state !== "Z";
}

/** Kills these at once, groups by negative numbers; what ended by itself between the look and the blow is as dead. */
export function kill(...pids: number[]): void {
  for (const pid of pids) {
    if (!pid) throw new Error(`There is no process ${pid} to kill`); // 0 would be this very group
    try {
      process.kill(pid, "SIGKILL");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

/** As on a machine that has nothing but busybox: its applets stand before all other programs on PATH. */
function linkApplets(busybox: string, folder: string): void {
  const applets = execFileSync(busybox, ["--list"], { encoding: "utf8" }).split("\n");
  for (const name of applets.filter((name) => name !== "" && name !== "sh")) symlinkSync(busybox, join(folder, name));
}

function readStat(pid: number): { state: string; session: number } | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
    return { state: fields[0] ?? "", session: Number(fields[3]) };
  } catch {
    return null;
  }
}

/** The living processes whose working directory or command line shows that they belong to a job directory. */
export function processesOf(folder: string): number[] {
  const pids = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  return pids.filter((pid) => {
    try {
      return (
        (isAlive(pid) && pid !== process.pid && readFileSync(`/proc/${pid}/environ`, "utf8").includes(`SWITCHYARD_JOB_DIR=${folder}\0`)) ||
        (isAlive(pid) && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(`${folder}/`)) ||
        (isAlive(pid) && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(`${folder}\0`))
      );
    } catch {
      return false;
    }
  });
}

/** The folder with the stand-ins that a toolkit brings. */
function standIns(siteRoot: string): string {
  const folder = join(siteRoot, "toolkits/test/wheels");
  if (existsSync(folder)) return folder;
  mkdirSync(folder, { recursive: true });
  for (const name of STAND_IN_NAMES) {
    const { file, bytes } = makeStandIn(name, standInVersion(name));
    writeFileSync(join(folder, file), bytes);
  }
  return folder;
}

function write(path: string, text: string | Uint8Array, mode = 0o644): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { mode });
}

/** A job that prints a word, for tests to change. */
export function defaultJob(id: string): JobFile {
  return {
    version: 1,
    jobId: id,
    runId: `run-${id}`,
    experimentName: "experiment",
    firstAttempt: 1,
    command: { kind: "command", argv: ["sh", "-c", "echo hello"] },
    environment: { kind: "user", interpreter: "python3" },
    container: null,
    spark: null,
    variables: {},
    nodes: 1,
    processesPerNode: 1,
    communicator: "none",
    tasks: null,
    limits: { maxSeconds: null, graceSeconds: 5 },
    logs: {
      build: "azureml-logs/20_image_build_log.txt",
      control: "azureml-logs/60_control_log.txt",
      driver: "azureml-logs/80_driver_log.txt",
    },
    data: [],
    watch: ["logs"],
    collect: ["outputs", "checkpoints"],
    successCodes: [0],
  };
}
