import { execFile, spawn } from "node:child_process";
import { chmodSync, mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import type { SshAuth, SshServer, SshSettings } from "../../ssh/settings.ts";
import { until } from "../follow.ts";
import { HostNetwork } from "./hostNetwork.ts";
import { SSH_PORT, type SshHostOptions, USER, writeMachine } from "./machineFiles.ts";
import type { SshLab } from "./sshLab.ts";

const exec = promisify(execFile);

/** One machine of the lab. */
export class SshHost {
  readonly name: string;
  readonly #lab: SshLab;
  readonly #options: SshHostOptions;
  readonly #network = new HostNetwork();
  /** the machine's own files; its account's home is below */
  readonly folder: string;
  /** the account's home as it is seen from here */
  readonly home: string;
  readonly port = SSH_PORT;
  #isUp = false;

  constructor(lab: SshLab, number: number, options: SshHostOptions) {
    this.#lab = lab;
    this.#options = options;
    this.name = `vm${number}`;
    this.folder = join(lab.folder, this.name);
    this.home = join(this.folder, "home");
  }

  get address(): string {
    return this.#network.address;
  }

  /** The address of this machine, as the host sees it. */
  get gateway(): string {
    return this.#network.gateway;
  }

  /** The host key as attaching would note it. */
  get hostKey(): string {
    const [kind = "", blob = ""] = readFileSync(join(this.folder, "host_key.pub"), "utf8").split(" ");
    return `${kind} ${blob}`;
  }

  server(auth: SshAuth = this.#lab.auth("key"), changes: Partial<SshServer> = {}): SshServer {
    return { address: this.address, port: this.port, username: USER, auth, hostKey: this.hostKey, ...changes };
  }

  settings(auth?: SshAuth, changes: Partial<SshSettings> = {}): SshSettings {
    return { ...this.server(auth), jump: [], siteRoot: ".switchyard/site", ...changes };
  }

  /** Where a job lies, as it is seen from here. */
  directoryOf(jobId: string, siteRoot = ".switchyard/site"): string {
    return join(this.home, siteRoot, "jobs", jobId);
  }

  async start(): Promise<void> {
    mkdirSync(this.home, { recursive: true });
    chmodSync(this.folder, 0o755);
    await exec("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", this.name, "-f", join(this.folder, "host_key")]);
    const { name, folder, home } = this;
    writeMachine({ name, folder, home, authorizedKeys: join(this.#lab.folder, "authorized_keys") }, this.#options);
    await this.#network.make(join(this.#lab.folder, "machines"));
    await this.startServer();
  }

  /** Starts its sshd; the machine's disk and network are there already. */
  async startServer(): Promise<void> {
    const log = openSync(join(this.folder, "sshd.log"), "a");
    mkdirSync("/run/sshd", { recursive: true });
    const words = ["netns", "exec", this.#network.namespace, "unshare", "--uts", "sh", join(this.folder, "boot.sh")];
    const child = spawn("ip", words, { stdio: ["ignore", log, log], detached: true });
    child.unref();
    await until(`the sshd of ${this.name} answers`, () => this.#answers()).catch((error) => {
      throw new Error(`${(error as Error).message}\n${readFileSync(join(this.folder, "sshd.log"), "utf8")}`);
    });
    this.#isUp = true;
  }

  /** Pulls the cable; the returned function puts it back. */
  async cut(): Promise<() => Promise<void>> {
    await this.#network.unplug();
    return () => this.#network.plugIn();
  }

  /** Stops every process there, as a machine that hangs; the returned function lets them go on. */
  async freeze(): Promise<() => Promise<void>> {
    await this.#signal("SIGSTOP");
    return () => this.#signal("SIGCONT");
  }

  /** Ends every process there at once, jobs as well. `startServer` boots it again. */
  async powerOff(): Promise<void> {
    this.#isUp = false;
    // a process that was born while they were counted goes in the next round
    await until(`no process of ${this.name} is left`, async () => {
      const pids = await this.#network.pids();
      for (const pid of pids) kill(pid, "SIGKILL");
      return pids.length === 0;
    });
  }

  /** Ends the sshd and every connection, while jobs go on. */
  async stopServer(): Promise<void> {
    this.#isUp = false;
    for (const pid of await this.#network.pids()) if (nameOf(pid) === "sshd") kill(pid, "SIGKILL");
  }

  /** As after a reinstallation. */
  async changeHostKey(): Promise<void> {
    await this.stopServer();
    for (const file of ["host_key", "host_key.pub"]) rmSync(join(this.folder, file));
    await exec("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(this.folder, "host_key")]);
    await this.startServer();
  }

  /** How many TCP connections lead to its sshd. */
  connections(): Promise<number> {
    return this.#network.connections();
  }

  /** Lays a cable of its own to another machine, and returns that one's address at its end. */
  async wireTo(other: SshHost): Promise<string> {
    const net = `192.168.${this.name.slice(2)}`;
    await this.#network.wireTo(other.#network, net);
    return `${net}.2`;
  }

  processes(): Promise<readonly number[]> {
    return this.#network.pids();
  }

  async remove(): Promise<void> {
    if (this.#isUp || this.#network.isThere()) await this.#signal("SIGKILL").catch(() => {});
    await until(`the processes of ${this.name} are gone`, async () => (await this.#network.pids().catch(() => [])).length === 0).catch(
      () => {},
    );
    await this.#network.remove();
  }

  #answers(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect({ host: this.address, port: this.port, timeout: 10_000 });
      const done = (answer: boolean) => {
        socket.destroy();
        resolve(answer);
      };
      socket.once("data", () => done(true)).once("error", () => done(false)).once("timeout", () => done(false)).once("close", () => done(false)); // biome-ignore format: one line
    });
  }

  async #signal(signal: NodeJS.Signals): Promise<void> {
    for (const pid of await this.#network.pids()) kill(pid, signal);
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // gone already
  }
}

function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
  } catch {
    return "";
  }
}
