// The servers that are compared, each on a database of its own.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { findPostgres, freshDatabase, startPostgres, type TestPostgres } from "../../packages/store/src/testing/postgres.ts";
import { LiveServer } from "../../test/support/liveServer.ts";
import { freePort } from "../../test/support/ports.ts";
import { testPython } from "../../test/support/testPython.ts";
import { within } from "../../test/support/wait.ts";
import { seedOurs } from "./seedOurs.ts";

const ROOT = resolve(import.meta.dirname, "../..");
/** What MLflow needs for PostgreSQL, and FastTrackML; beside the tests' Python, which has MLflow. */
const EXTRAS = ["psycopg2-binary==2.9.11", "fasttrackml==0.6.0"];
const EXTRAS_FOLDER = join(ROOT, ".cache/bench-mlflow");

export interface Contender {
  readonly name: string;
  readonly program: "Switchyard" | "MLflow" | "FastTrackML";
  readonly database: "SQLite" | "PostgreSQL";
  start(): Promise<Running>;
}

export interface Running {
  /** what clients call the tracking URI */
  readonly url: string;
  readonly token: string | null;
  readonly pid: number;
  /** puts finished runs there faster than its API would take them; absent where the API is fast enough */
  seed?(experiment: { readonly id: string; readonly name: string }, runs: number): Promise<void>;
  stop(): Promise<void>;
}

/** All that can be measured here; those of one database share its server. */
export async function contenders(): Promise<Contender[]> {
  const asked = process.env.DATABASES?.split(",");
  const databases = (["SQLite", "PostgreSQL"] as const).filter((database) => asked?.includes(database) ?? true);
  const hasExtras = installExtras();
  return databases.flatMap((database) => {
    if (database === "SQLite") return [switchyard(database), mlflow(database), ...(hasExtras ? [fastTrack()] : [])];
    if (!findPostgres()) return [];
    return [switchyard(database), ...(hasExtras ? [mlflow(database)] : [])];
  });
}

function installExtras(): boolean {
  if (existsSync(join(EXTRAS_FOLDER, "fasttrackml"))) return true;
  try {
    execFileSync(testPython(), ["-m", "pip", "install", "--quiet", "--no-deps", "--target", EXTRAS_FOLDER, ...EXTRAS], {
      stdio: "inherit",
    });
    return true;
  } catch {
    console.error(`${EXTRAS.join(" and ")} do not install here: MLflow on PostgreSQL and FastTrackML are left out.`);
    return false;
  }
}

/** An empty database and how to be rid of it. */
async function openDatabase(kind: Contender["database"]): Promise<{ url: string; close(): Promise<void> }> {
  if (kind === "SQLite") {
    const folder = mkdtempSync(join(tmpdir(), "switchyard-bench-"));
    return { url: `sqlite:///${join(folder, "mlflow.db")}`, close: async () => rmSync(folder, { recursive: true, force: true }) };
  }
  const server = await sharedPostgres();
  return { url: await freshDatabase(server), close: () => server.release() };
}

let shared: { readonly server: TestPostgres; users: number } | undefined;

/** One PostgreSQL for all that are measured together; it ends with the last of them. */
async function sharedPostgres(): Promise<{ readonly url: string; release(): Promise<void> }> {
  shared ??= { server: await startPostgres({ fsync: process.env.FSYNC === "on" }), users: 0 };
  const own = shared;
  own.users++;
  const release = async () => {
    if (--own.users > 0) return;
    shared = undefined;
    await own.server.stop();
  };
  return { url: own.server.url, release };
}

function switchyard(database: Contender["database"]): Contender {
  return {
    name: `Switchyard on ${database}`,
    program: "Switchyard",
    database,
    async start() {
      const stored = database === "PostgreSQL" ? await openDatabase(database) : null;
      const server = new LiveServer({ detached: true, ...(stored !== null && { databaseUrl: stored.url }) });
      await server.start();
      const stop = async () => {
        await server.close();
        await stored?.close();
      };
      const databaseUrl = stored?.url ?? `sqlite:${join(server.home, "switchyard.db")}`;
      const seed: Running["seed"] = ({ name }, runs) => seedOurs(databaseUrl, name, runs);
      return { url: server.url, token: server.token, pid: server.pid as number, seed, stop };
    },
  };
}

function mlflow(database: Contender["database"]): Contender {
  return {
    name: `MLflow on ${database}`,
    program: "MLflow",
    database,
    async start() {
      const stored = await openDatabase(database);
      const folder = mkdtempSync(join(tmpdir(), "switchyard-bench-"));
      const port = await freePort();
      const databaseUrl = stored.url.replace(/^postgres:/, "postgresql+psycopg2:");
      const args = ["-m", "mlflow", "server", "--backend-store-uri", databaseUrl, "--default-artifact-root", folder];
      const child = program(testPython(), [...args, "--host", "127.0.0.1", "--port", String(port), "--workers", "1"], folder);
      await listening(`http://127.0.0.1:${port}/health`, child);
      return {
        url: `http://127.0.0.1:${port}`,
        token: null,
        pid: child.pid as number,
        seed: async ({ id }, runs) => {
          const script = join(import.meta.dirname, "seedMlflow.py");
          execFileSync(testPython(), [script, databaseUrl, id, String(runs)], { env: environment(), stdio: "inherit" });
        },
        stop: async () => {
          await end(child);
          await stored.close();
          rmSync(folder, { recursive: true, force: true });
        },
      };
    },
  };
}

function fastTrack(): Contender {
  return {
    name: "FastTrackML on SQLite",
    program: "FastTrackML",
    database: "SQLite",
    async start() {
      const folder = mkdtempSync(join(tmpdir(), "switchyard-bench-"));
      const port = await freePort();
      const args = ["server", "--listen-address", `127.0.0.1:${port}`, "--database-uri", `sqlite://${join(folder, "fml.db")}`];
      const child = program(join(EXTRAS_FOLDER, "bin/fml"), [...args, "--default-artifact-root", folder], folder);
      await listening(`http://127.0.0.1:${port}/health`, child);
      const stop = async () => {
        await end(child);
        rmSync(folder, { recursive: true, force: true });
      };
      return { url: `http://127.0.0.1:${port}`, token: null, pid: child.pid as number, stop };
    },
  };
}

/** Without MLflow's runners of evaluation jobs, a dozen processes that have nothing to do with tracking: they would slow both of us and take memory. */
const environment = () => ({
  ...process.env,
  PYTHONPATH: EXTRAS_FOLDER,
  MLFLOW_DISABLE_TELEMETRY: "true",
  MLFLOW_SERVER_ENABLE_JOB_EXECUTION: "false",
  DO_NOT_TRACK: "true",
});

function program(command: string, args: readonly string[], cwd: string): ChildProcess {
  return spawn(command, args, { cwd, env: environment(), stdio: ["ignore", "ignore", "ignore"], detached: true });
}

async function listening(url: string, child: ChildProcess): Promise<void> {
  const answers = async () => {
    for (;;) {
      if (child.exitCode !== null) throw new Error(`${child.spawnfile} ended with ${child.exitCode} before it listened.`);
      if (
        await fetch(url).then(
          (response) => response.ok,
          () => false,
        )
      )
        return;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  };
  try {
    await within(300, `${url} answers`, answers());
  } catch (error) {
    await end(child);
    throw error;
  }
}

/** Ends a program and what it started: they are a process group of their own. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.pid === undefined) return;
  const gone = once(child, "exit");
  process.kill(-child.pid, "SIGTERM");
  await within(20, "the server ends", gone).catch(() => process.kill(-(child.pid as number), "SIGKILL"));
}
