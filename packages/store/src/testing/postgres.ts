import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { delimiter, join } from "node:path";
import pg from "pg";

/** A PostgreSQL server that a test started. */
export interface TestPostgres {
  /** of the maintenance database, as superuser */
  readonly url: string;
  /** Ends the server without warning, as a crash would; `start` brings it back with its data. */
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

const START_SECONDS = 60;
const STOP_SECONDS = 30;
const USER = "switchyard";

/** The folder with `initdb` and `postgres`, or null when this machine has no PostgreSQL. */
export function findPostgres(): string | null {
  const debian = existsSync("/usr/lib/postgresql") ? readdirSync("/usr/lib/postgresql").sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...debian.map((version) => `/usr/lib/postgresql/${version}/bin`),
    ...(process.env.PATH ?? "").split(delimiter),
    "/opt/homebrew/opt/postgresql/bin",
    "/usr/local/opt/postgresql/bin",
  ];
  return folders.find((folder) => existsSync(join(folder, "initdb")) && existsSync(join(folder, "postgres"))) ?? null;
}

/** Starts a server of its own in a temporary folder, on a free port of 127.0.0.1. Without `fsync` a power cut may cost its data. */
export async function startPostgres({ fsync = false } = {}): Promise<TestPostgres> {
  const bin = findPostgres();
  if (!bin)
    throw new Error("These tests need PostgreSQL: install it (Debian: apt-get install postgresql) so that initdb and postgres are found.");
  const server = new Server(bin, fsync);
  try {
    server.initialize();
    await server.start();
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Makes an empty database in a running server and gives its URL. */
export async function freshDatabase(postgres: Pick<TestPostgres, "url">): Promise<string> {
  const name = `test_${randomBytes(6).toString("hex")}`;
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  try {
    await client.query(`create database ${name}`);
  } finally {
    await client.end();
  }
  return Object.assign(new URL(postgres.url), { pathname: `/${name}` }).toString();
}

/** Refuses to run as root, hence the account: `postgres` where there is one, else `nobody`. */
function accountForRoot(): { uid: number; gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  const accounts = readFileSync("/etc/passwd", "utf8").split("\n");
  for (const name of ["postgres", "nobody"]) {
    const fields = accounts.find((line) => line.startsWith(`${name}:`))?.split(":");
    if (fields) return { uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  throw new Error("PostgreSQL does not run as root, and this machine has neither the account postgres nor nobody.");
}

class Server implements TestPostgres {
  readonly #bin: string;
  readonly #fsync: boolean;
  // Not below TMPDIR: the account must reach it, and the path of a socket may not be long.
  readonly #folder = mkdtempSync("/tmp/switchyard-pg-");
  readonly #account = accountForRoot();
  readonly #atExit = () => this.#process?.kill("SIGQUIT");
  #process: ChildProcess | undefined;
  #port = 0;

  constructor(bin: string, fsync: boolean) {
    this.#bin = bin;
    this.#fsync = fsync;
    process.on("exit", this.#atExit);
  }

  get url(): string {
    return `postgres://${USER}@127.0.0.1:${this.#port}/postgres`;
  }

  initialize(): void {
    if (this.#account) chownSync(this.#folder, this.#account.uid, this.#account.gid);
    const options = ["--username", USER, "--auth", "trust", "--encoding", "UTF8", "--no-locale", "--no-sync", "--pgdata", this.#data];
    const done = spawnSync(join(this.#bin, "initdb"), options, { cwd: this.#folder, encoding: "utf8", ...this.#account });
    if (done.status !== 0) throw new Error(`initdb failed: ${done.error?.message ?? done.stderr}`);
  }

  /** Another process may take the free port in between: then the next one is tried. */
  async start(): Promise<void> {
    let output = "";
    for (let tries = 0; tries < 3; tries++) {
      this.#port ||= await freePort();
      const options = [
        "-D",
        this.#data,
        "-k",
        this.#folder,
        "-h",
        "127.0.0.1",
        "-p",
        String(this.#port),
        "-c",
        `fsync=${this.#fsync ? "on" : "off"}`,
        "-c",
        "max_connections=200",
      ];
      const server = spawn(join(this.#bin, "postgres"), options, {
        cwd: this.#folder,
        stdio: ["ignore", "ignore", "pipe"],
        ...this.#account,
      });
      this.#process = server;
      output = "";
      server.stderr?.on("data", (text) => (output += text));
      if (await this.#answers(server)) return;
      this.#port = 0;
    }
    throw new Error(`PostgreSQL did not start: ${output}`);
  }

  async kill(): Promise<void> {
    await this.#end("SIGQUIT");
  }

  async stop(): Promise<void> {
    await this.#end("SIGINT");
    process.off("exit", this.#atExit);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #data(): string {
    return join(this.#folder, "data");
  }

  async #answers(server: ChildProcess): Promise<boolean> {
    const giveUpAt = Date.now() + START_SECONDS * 1000;
    while (server.exitCode === null && server.signalCode === null && Date.now() < giveUpAt) {
      const client = new pg.Client({ connectionString: this.url });
      client.on("error", () => {});
      try {
        await client.connect();
        await client.end();
        return true;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
    await this.#end("SIGQUIT");
    return false;
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const server = this.#process;
    this.#process = undefined;
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const gone = once(server, "exit");
    server.kill(signal);
    const insist = setTimeout(() => server.kill("SIGKILL"), STOP_SECONDS * 1000);
    await gone;
    clearTimeout(insist);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address ? address.port : 0;
}
