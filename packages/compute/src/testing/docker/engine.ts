import { execFile, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { findProgram } from "./findProgram.ts";
import { isAlive, withLock } from "./lock.ts";

/** Names the folder that the tests of one run share their engines in; set by vitest's global set-up. */
export const SHARED_FOLDER_VARIABLE = "SWITCHYARD_TEST_ENGINES";
const GUARD = fileURLToPath(new URL("guard.sh", import.meta.url));
const START_SECONDS = 200;

/** A real Docker engine that belongs to the tests alone. */
export interface DockerLab {
  /** the docker command */
  readonly cli: string;
  /** what the command (and whatever starts it) needs to find this engine and no other */
  readonly env: Readonly<Record<string, string>>;
  /** Runs `docker <words>` and gives its standard output without the last newline; what it said on failure is in the error. */
  run(...words: readonly string[]): Promise<string>;
  /** Ends an engine of one's own; one that is shared by a test run ends with that. */
  close(): Promise<void>;
}

/**
 * The engine of this test run, started by whoever asks first; without vitest's global set-up one of the caller's own.
 * It has no bridge and makes no firewall rules: use `--network host`, or `docker network create`.
 */
export async function startDocker(): Promise<DockerLab> {
  const shared = process.env[SHARED_FOLDER_VARIABLE];
  if (shared === undefined) {
    // short, since the path of a socket may have 107 characters only
    const folder = mkdtempSync(join(tmpdir(), "sy-engine-"));
    return connect(await startEngine(join(folder, "docker"), process.pid), true);
  }
  const root = join(shared, "docker");
  await withLock(`${root}.lock`, 2 * START_SECONDS, async () => {
    if (!(await answers(root))) await startEngine(root, Number(readFileSync(join(shared, "owner"), "utf8")));
  });
  return connect(root, false);
}

/** Ends the engine below `root`, if there is one, and waits until nothing is left of it. */
export async function stopEngine(root: string): Promise<void> {
  if (!existsSync(join(root, "guard.pid"))) return;
  const guard = Number(readFileSync(join(root, "guard.pid"), "utf8"));
  if (isAlive(guard)) process.kill(guard, "SIGTERM");
  for (const end = Date.now() + 60_000; existsSync(root) || existsSync(`${root}.ended`); await sleep(50)) {
    if (Date.now() > end) throw new Error(`The test engine in ${root} (guarded by process ${guard}) has not ended after 60 s.`);
  }
}

function connect(root: string, own: boolean): DockerLab {
  const cli = findProgram("docker", "docker.io");
  const env = environmentOf(root);
  const run = promisify(execFile);
  return {
    cli,
    env,
    async run(...words) {
      const { stdout } = await run(cli, words, { env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 });
      return stdout.trimEnd();
    },
    close: async () => {
      if (own) await stopEngine(root);
    },
  };
}

/** No configuration of the person's own, whose contexts and credentials tests must not use. */
const environmentOf = (root: string) => ({
  DOCKER_HOST: `unix://${root}/docker.sock`,
  DOCKER_CONFIG: join(root, "config"),
  DOCKER_CONTEXT: "",
});

async function startEngine(root: string, owner: number): Promise<string> {
  findProgram("dockerd", "docker.io");
  if (process.getuid?.() !== 0) throw new Error("The tests start a Docker engine of their own, which needs root.");
  mkdirSync(join(root, "config"), { recursive: true });
  // so that another account of the machine may use the engine if it is in the group `docker`, as everywhere
  for (const folder of [root, dirname(root)]) chmodSync(folder, 0o755);
  writeFileSync(join(root, "daemon.json"), "{}");
  const guard = spawn("sh", [GUARD, root, String(owner)], { detached: true, stdio: "ignore" });
  guard.unref();
  writeFileSync(join(root, "guard.pid"), String(guard.pid));
  for (const end = Date.now() + START_SECONDS * 1000; !(await answers(root)); await sleep(100)) {
    if (guard.exitCode !== null || Date.now() > end) throw new Error(`The Docker engine of the tests did not start: ${logOf(root)}`);
  }
  return root;
}

async function answers(root: string): Promise<boolean> {
  if (!existsSync(join(root, "docker.sock"))) return false;
  const asked = promisify(execFile)(findProgram("docker", "docker.io"), ["version"], {
    env: { ...process.env, ...environmentOf(root) },
    timeout: 100_000,
  });
  return asked.then(
    () => true,
    () => false,
  );
}

function logOf(root: string): string {
  const path = join(root, "dockerd.log");
  return existsSync(path) ? readFileSync(path, "utf8").slice(-2000) : "it has ended; is the disk full?";
}
