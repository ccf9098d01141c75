import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { until } from "../follow.ts";
import { freePort } from "../ports.ts";
import { nodeNames, renderAccountingConfig, renderConfig, renderGroupsConfig, type SlurmLabOptions } from "./config.ts";

const GUARD = fileURLToPath(new URL("guard.sh", import.meta.url));
/** less than a test hook has, so that it is this that tells what went wrong */
const START_MS = 150_000;

/**
 * A real Slurm cluster with all its nodes on this machine, up in about two seconds. It has its own munge, ports and files,
 * so that several can run at once. Put `env` where Slurm's commands are to find it. Needs root.
 */
export class SlurmLab {
  readonly root: string;
  readonly nodes: readonly string[];
  /** `SLURM_CONF` */
  readonly env: Readonly<Record<string, string>>;
  readonly #daemons = new Map<string, ChildProcess>();
  readonly #guard: ChildProcess;

  private constructor(root: string, options: SlurmLabOptions) {
    this.root = root;
    this.nodes = nodeNames(options);
    this.env = { SLURM_CONF: join(root, "slurm.conf") };
    this.#guard = spawn("sh", [GUARD, root, String(process.pid)], { detached: true, stdio: "ignore" });
    this.#guard.unref();
  }

  static async start(options: SlurmLabOptions = {}): Promise<SlurmLab> {
    if (process.getuid?.() !== 0) throw new Error("The tests start a Slurm cluster of their own, which needs root.");
    for (const program of ["munged", "slurmctld", "slurmd", "sbatch"]) findProgram(program);
    // short, since the path of a socket may have 107 characters only
    const lab = new SlurmLab(mkdtempSync(join(tmpdir(), "sy-slurm-")), options);
    try {
      await lab.#startAll(options);
    } catch (error) {
      await lab.close();
      throw error;
    }
    return lab;
  }

  async #startAll(options: SlurmLabOptions): Promise<void> {
    const [controller = 0, accounting = 0, database = 0, ...nodes] = await freePorts(3 + this.nodes.length);
    for (const folder of ["state", ...this.nodes.map((name) => `spool/${name}`)]) mkdirSync(join(this.root, folder), { recursive: true });
    writeFileSync(join(this.root, "slurm.conf"), renderConfig(this.root, { controller, accounting, database, nodes }, options));
    if (options.limitsMemory === true)
      writeFileSync(join(this.root, "cgroup.conf"), renderGroupsConfig(existsSync("/sys/fs/cgroup/cgroup.controllers")));
    writeFileSync(join(this.root, "munge.key"), randomBytes(128), { mode: 0o400 });
    const at = (name: string) => join(this.root, name);
    const munge = [`--socket=${at("munge.socket")}`, `--key-file=${at("munge.key")}`, `--pid-file=${at("munged.pid")}`];
    this.#spawn("munged", ["--foreground", "--force", ...munge, `--seed-file=${at("munge.seed")}`, `--log-file=${at("munged.log")}`]);
    await this.#whenUp("munged", () => existsSync(at("munge.socket")));
    if (options.accounting === true) await this.#startAccounting(accounting, database);
    await this.startController("-c");
    for (const name of this.nodes) this.startNode(name);
    await this.whenNodes("idle");
  }

  /** Waits until all nodes are in this state, as sinfo calls it. */
  async whenNodes(state: string, names: readonly string[] = this.nodes): Promise<void> {
    await until(
      `nodes ${names.join(", ")} are ${state}`,
      async () => {
        const seen = await this.run("sinfo", "-h", "-N", `-n${names.join(",")}`, "-o", "%N %T").catch(() => "");
        const lines = seen.split("\n").filter((line) => line !== "");
        return lines.length > 0 && lines.every((line) => line.endsWith(` ${state}`));
      },
      START_MS,
    );
  }

  async #startAccounting(port: number, databasePort: number): Promise<void> {
    const at = (name: string) => join(this.root, name);
    const user = "--user=root";
    await this.run(
      "mariadb-install-db",
      "--no-defaults",
      `--datadir=${at("db")}`,
      user,
      "--auth-root-authentication-method=normal",
      "--skip-test-db",
    );
    const quick = ["--skip-log-bin", "--innodb-flush-log-at-trx-commit=0", "--bind-address=127.0.0.1"];
    const files = [`--datadir=${at("db")}`, `--socket=${at("db.socket")}`, `--pid-file=${at("db.pid")}`];
    this.#spawn("mariadbd", ["--no-defaults", user, ...files, `--port=${databasePort}`, ...quick]);
    await this.#whenUp("mariadbd", () => answers(databasePort));
    // beside slurm.conf, where slurmdbd looks for it
    writeFileSync(at("slurmdbd.conf"), renderAccountingConfig(this.root, port, databasePort), { mode: 0o600 });
    await this.startAccounting();
    await this.run("sacctmgr", "--immediate", "add", "cluster", "lab");
  }

  async startAccounting(): Promise<void> {
    this.#spawn("slurmdbd", ["-D"]);
    await this.#whenUp("slurmdbd", () => this.run("sacctmgr", "show", "cluster").then(() => true, () => false)); // biome-ignore format: one line
  }

  async stopAccounting(): Promise<void> {
    await this.#end("slurmdbd", "SIGKILL");
  }

  startNode(name: string): void {
    this.#spawn("slurmd", ["-D", "-N", name], name);
  }

  /** As when the node's power fails while it runs these jobs (Slurm's numbers): none of their processes does another thing. */
  async killNode(name: string, ...slurmIds: readonly string[]): Promise<void> {
    await this.#end(name, "SIGKILL");
    const doomed = processesOf(slurmIds);
    for (const signal of ["SIGSTOP", "SIGKILL"] as const) for (const pid of doomed) send(signal, pid);
  }

  async startController(...words: string[]): Promise<void> {
    this.#spawn("slurmctld", ["-D", ...words]);
    await this.#whenUp("slurmctld", () => this.run("scontrol", "ping").then((said) => / is UP/.test(said), () => false)); // biome-ignore format: one line
  }

  async stopController(): Promise<void> {
    await this.#end("slurmctld", "SIGTERM");
  }

  /** A command of Slurm's; its standard output without the last newline. */
  async run(program: string, ...words: readonly string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(program, words, { env: { ...process.env, ...this.env } });
    return stdout.trimEnd();
  }

  /** Waits until a daemon is there; tells its last words when it has ended instead. */
  async #whenUp(name: string, isUp: () => boolean | Promise<boolean>): Promise<void> {
    const child = this.#daemons.get(name);
    const ask = async () => {
      if (await isUp()) return true;
      if (child?.exitCode === null && child.signalCode === null) return false;
      throw new Error(`${name} of the test cluster has ended at once: ${this.logOf(name)}`);
    };
    await until(`${name} is up`, ask, START_MS);
  }

  logOf(daemon: string): string {
    const path = join(this.root, `${daemon}.out`);
    return existsSync(path) ? readFileSync(path, "utf8").slice(-3000) : "";
  }

  async close(): Promise<void> {
    this.#guard.kill("SIGTERM");
    await until("the Slurm cluster has ended", () => !existsSync(this.root), START_MS);
  }

  #spawn(program: string, words: readonly string[], name = program): void {
    const log = openSync(join(this.root, `${name}.out`), "a");
    const child = spawn(findProgram(program), words, {
      env: { ...process.env, ...this.env },
      detached: true,
      stdio: ["ignore", log, log],
    });
    closeSync(log);
    child.unref();
    this.#daemons.set(name, child);
  }

  async #end(name: string, signal: NodeJS.Signals): Promise<void> {
    const child = this.#daemons.get(name);
    if (child === undefined) throw new Error(`The Slurm cluster of the tests has no ${name}.`);
    const ended = new Promise<void>((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) resolve();
      child.once("exit", () => resolve());
    });
    child.kill(signal);
    await ended;
  }
}

/** All processes that Slurm's own `slurmstepd: [17.batch]` has below it: they have the job's number in their environment. */
function processesOf(slurmIds: readonly string[]): number[] {
  const pids = readdirSync("/proc").map(Number).filter((pid) => pid > 1 && pid !== process.pid); // biome-ignore format: one line
  return pids.filter((pid) => {
    const environment = readQuietly(`/proc/${pid}/environ`);
    const command = readQuietly(`/proc/${pid}/cmdline`);
    return slurmIds.some((id) => environment.includes(`\0SLURM_JOB_ID=${id}\0`) || command.startsWith(`slurmstepd: [${id}.`));
  });
}

function readQuietly(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // it has ended
  }
}

function send(signal: NodeJS.Signals, pid: number): void {
  try {
    process.kill(pid, signal);
  } catch {
    // it has ended
  }
}

function findProgram(name: string): string {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  const found = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  if (found === undefined)
    throw new Error(`These tests need ${name}. Install it: apt-get install slurm-wlm munge slurmdbd mariadb-server.`);
  return found;
}

async function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => resolve(true));
    socket.once("error", () => resolve(false));
    socket.once("connect", () => socket.end());
  });
}

async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) ports.push(await freePort());
  return ports;
}
