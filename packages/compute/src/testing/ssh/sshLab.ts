import { execFile, spawn } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import {
  appendFileSync,
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { SshAuth, SshServer, SshSettings } from "../ssh/settings.ts";
import { until } from "./follow.ts";

const exec = promisify(execFile);
const USER = "trainer";
const UID = 21013;
const PASSWORD = "s3cret-word";
const PASSPHRASE = "open sesame";

const GUARD = fileURLToPath(new URL("sshGuard.sh", import.meta.url));

export interface SshHostOptions {
  /** the account's login shell; default /bin/sh */
  readonly shell?: string;
  /** what commands find: only these programs, as names in /usr/bin or absolute paths; default: all */
  readonly tools?: readonly string[] | ((name: string) => boolean);
  /** only busybox, under the names that it has, without these */
  readonly busyboxWithout?: readonly string[];
  /** lines for sshd_config */
  readonly config?: readonly string[];
  /** variables of every command */
  readonly environment?: Readonly<Record<string, string>>;
  /** `full`: not a byte is free; `small`: 8 MiB; `read-only`: it cannot be written */
  readonly home?: "full" | "small" | "read-only";
  /** files of the account's home, by name */
  readonly files?: Readonly<Record<string, string>>;
}

/** Machines behind SSH, each a network namespace with an sshd of its own, that share this machine's disk and processes. */
export class SshLab {
  readonly folder = mkdtempSync(join(tmpdir(), "switchyard-ssh-"));
  readonly hosts: SshHost[] = [];

  static async start(count: number, options: SshHostOptions = {}): Promise<SshLab> {
    const lab = new SshLab();
    lab.#guard();
    try {
      await lab.#makeKeys();
      for (let number = 1; number <= count; number += 1) await lab.add(options);
      return lab;
    } catch (error) {
      await lab.close();
      throw error;
    }
  }

  async add(options: SshHostOptions = {}): Promise<SshHost> {
    const host = new SshHost(this, this.hosts.length + 1, options);
    this.hosts.push(host);
    await host.start();
    return host;
  }

  get host(): SshHost {
    return this.hosts[0] as SshHost;
  }

  /** How to log in: with what is right, or with what is wrong in one way. */
  auth(kind: "password" | "key" | "encrypted key" | "stranger's key"): SshAuth {
    if (kind === "password") return { kind: "password", password: PASSWORD };
    const file = { key: "id", "encrypted key": "id_encrypted", "stranger's key": "id_stranger" }[kind];
    return {
      kind: "key",
      privateKey: readFileSync(join(this.folder, file), "utf8"),
      passphrase: kind === "encrypted key" ? PASSPHRASE : null,
    };
  }

  async close(): Promise<void> {
    for (const host of this.hosts) await host.remove();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }

  /** Nothing of the lab outlives the tests, however they were killed. */
  #guard(): void {
    writeFileSync(join(this.folder, "machines"), "");
    const guard = spawn("sh", [GUARD, this.folder, String(process.pid)], { detached: true, stdio: "ignore", cwd: "/" });
    guard.unref();
  }

  async #makeKeys(): Promise<void> {
    chmodSync(this.folder, 0o755);
    const key = (name: string, passphrase = "") =>
      exec("ssh-keygen", ["-q", "-t", "ed25519", "-N", passphrase, "-C", "lab", "-f", join(this.folder, name)]);
    await Promise.all([key("id"), key("id_encrypted", PASSPHRASE), key("id_stranger")]);
    writeFileSync(
      join(this.folder, "authorized_keys"),
      readFileSync(join(this.folder, "id.pub"), "utf8") + readFileSync(join(this.folder, "id_encrypted.pub"), "utf8"),
      { mode: 0o644 },
    );
  }
}

/** One machine of the lab. */
export class SshHost {
  readonly name: string;
  readonly #lab: SshLab;
  readonly #options: SshHostOptions;
  readonly #id = randomBytes(3).toString("hex");
  /** the machine's own files; its account's home is below */
  readonly folder: string;
  /** the account's home as it is seen from here */
  readonly home: string;
  address = "";
  readonly port = 22;
  /** this machine, as the host sees it */
  #gateway = "";
  #isUp = false;

  constructor(lab: SshLab, number: number, options: SshHostOptions) {
    this.#lab = lab;
    this.#options = options;
    this.name = `vm${number}`;
    this.folder = join(lab.folder, this.name);
    this.home = join(this.folder, "home");
  }

  get #namespace(): string {
    return `switchyard-${this.#id}`;
  }

  get #link(): string {
    return `sy${this.#id}`;
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
    this.#writeAccount();
    this.#writeTools();
    writeFileSync(join(this.folder, "sshd_config"), this.#config());
    writeFileSync(join(this.folder, "boot.sh"), this.#boot());
    await this.#makeNetwork();
    await this.startServer();
  }

  /** Starts its sshd; the machine's disk and network are there already. */
  async startServer(): Promise<void> {
    const log = openSync(join(this.folder, "sshd.log"), "a");
    mkdirSync("/run/sshd", { recursive: true });
    const words = ["netns", "exec", this.#namespace, "unshare", "--uts", "sh", join(this.folder, "boot.sh")];
    const child = spawn("ip", words, { stdio: ["ignore", log, log], detached: true });
    child.unref();
    await until(`the sshd of ${this.name} answers`, () => this.#answers()).catch((error) => {
      throw new Error(`${(error as Error).message}\n${readFileSync(join(this.folder, "sshd.log"), "utf8")}`);
    });
    this.#isUp = true;
  }

  /** Pulls the cable; the returned function puts it back. */
  async cut(): Promise<() => Promise<void>> {
    await exec("ip", ["-n", this.#namespace, "link", "set", "eth0", "down"]);
    return () => this.#plugIn();
  }

  /** Stops every process there, as a machine that hangs; the returned function lets them go on. */
  async freeze(): Promise<() => Promise<void>> {
    await this.#signal("SIGSTOP");
    return () => this.#signal("SIGCONT");
  }

  /** Ends every process there at once, jobs as well. `startServer` boots it again. */
  async powerOff(): Promise<void> {
    this.#isUp = false;
    await this.#signal("SIGKILL");
  }

  /** Ends the sshd and every connection, while jobs go on. */
  async stopServer(): Promise<void> {
    this.#isUp = false;
    for (const pid of await this.#pids()) if (nameOf(pid) === "sshd") kill(pid, "SIGKILL");
  }

  /** As after a reinstallation. */
  async changeHostKey(): Promise<void> {
    await this.stopServer();
    for (const file of ["host_key", "host_key.pub"]) rmSync(join(this.folder, file));
    await exec("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(this.folder, "host_key")]);
    await this.startServer();
  }

  /** How many TCP connections lead to its sshd. */
  async connections(): Promise<number> {
    const { stdout } = await exec("ip", ["netns", "exec", this.#namespace, "ss", "-Htn", "state", "established", "sport", "= :22"]);
    return stdout.split("\n").filter((line) => line.trim() !== "").length;
  }

  /** Lays a cable of its own to another machine, and returns that one's address at its end. */
  async wireTo(other: SshHost): Promise<string> {
    const net = `192.168.${this.name.slice(2)}`;
    const [here, there] = [`sy${other.#id}`, `sy${this.#id}`];
    await exec("ip", ["-n", this.#namespace, "link", "add", here, "type", "veth", "peer", "name", there, "netns", other.#namespace]);
    await exec("ip", ["-n", this.#namespace, "addr", "add", `${net}.1/30`, "dev", here]);
    await exec("ip", ["-n", other.#namespace, "addr", "add", `${net}.2/30`, "dev", there]);
    await exec("ip", ["-n", this.#namespace, "link", "set", here, "up"]);
    await exec("ip", ["-n", other.#namespace, "link", "set", there, "up"]);
    return `${net}.2`;
  }

  async processes(): Promise<readonly number[]> {
    return this.#pids();
  }

  async remove(): Promise<void> {
    if (this.#isUp || existsSync(`/run/netns/${this.#namespace}`)) await this.#signal("SIGKILL").catch(() => {});
    await until(`the processes of ${this.name} are gone`, async () => (await this.#pids().catch(() => [])).length === 0).catch(() => {});
    await exec("ip", ["netns", "del", this.#namespace]).catch(() => {});
    await exec("ip", ["link", "del", this.#link]).catch(() => {});
  }

  #writeAccount(): void {
    const { shell = "/bin/sh", files = {} } = this.#options;
    const account = `${USER}:x:${UID}:${UID}:Lab:/home/${USER}:${shell}\n`;
    writeFileSync(join(this.folder, "passwd"), readFileSync("/etc/passwd", "utf8") + account);
    writeFileSync(join(this.folder, "group"), `${readFileSync("/etc/group", "utf8")}${USER}:x:${UID}:\n`);
    // `openssl passwd -6` of the lab's password
    const hash = "$6$lab$cs0I/BMtzDCgrGV9zreJiPAfNFaLblLpHg7IFIKd8OiYIuY24m3pi1vM9mfPlsHuTcGIo43hajoJ7NUUuaCTF/";
    writeFileSync(join(this.folder, "shadow"), `${readFileSync("/etc/shadow", "utf8")}${USER}:${hash}:19000:0:99999:7:::\n`, {
      mode: 0o600,
    });
    writeFileSync(join(this.folder, "machine-id"), `${randomBytes(16).toString("hex")}\n`);
    for (const [name, text] of Object.entries(files)) writeFileSync(join(this.home, name), text);
    chownSync(this.home, UID, UID);
  }

  get #path(): string {
    const { tools, busyboxWithout } = this.#options;
    return tools === undefined && busyboxWithout === undefined ? "/usr/local/bin:/usr/bin:/bin" : join(this.folder, "bin");
  }

  #writeTools(): void {
    const { tools, busyboxWithout } = this.#options;
    const bin = join(this.folder, "bin");
    if (tools === undefined && busyboxWithout === undefined) return;
    mkdirSync(bin);
    if (busyboxWithout !== undefined) {
      copyFileSync("/bin/busybox", join(bin, "busybox"));
      return;
    }
    const isWanted = typeof tools === "function" ? tools : (name: string) => (tools ?? []).includes(name);
    for (const name of readdirSync("/usr/bin")) if (isWanted(name)) symlinkSync(`/usr/bin/${name}`, join(bin, name));
  }

  #config(): string {
    const { config = [], environment = {} } = this.#options;
    const variables = Object.entries({ PATH: this.#path, ...environment }).map(([name, value]) => `${name}="${value}"`);
    return `${[
      ...config, // of several values the first one counts
      `ListenAddress 0.0.0.0:${this.port}`,
      `HostKey ${join(this.folder, "host_key")}`,
      `AuthorizedKeysFile ${join(this.#lab.folder, "authorized_keys")}`,
      "StrictModes no",
      "UsePAM no",
      "PasswordAuthentication yes",
      "KbdInteractiveAuthentication no",
      "UseDNS no",
      "PidFile none",
      "MaxStartups 100",
      `SetEnv ${variables.join(" ")}`,
    ].join("\n")}\n`;
  }

  /** Runs in the machine's own namespaces: whatever is mounted here, nobody else sees. */
  #boot(): string {
    const mounts = ["passwd", "group", "shadow", "machine-id"].map((file) => `mount --bind ${join(this.folder, file)} /etc/${file}`);
    const home = `/home/${USER}`;
    return `set -e
hostname ${this.name}
ip link set lo up
[ -e /etc/machine-id ] || : >/etc/machine-id
${mounts.join("\n")}
mount -t tmpfs tmpfs /home
mkdir ${home}
${this.#mountHome(home)}
${this.#options.busyboxWithout === undefined ? "" : `[ -e ${join(this.folder, "bin/ls")} ] || { ${join(this.folder, "bin/busybox")} --install -s ${join(this.folder, "bin")}; cd ${join(this.folder, "bin")}; rm -f ${["nonesuch", ...this.#options.busyboxWithout].join(" ")}; }`}
exec /usr/sbin/sshd -D -e -f ${join(this.folder, "sshd_config")}
`;
  }

  #mountHome(home: string): string {
    const tmpfs = (size: string) => `mount -t tmpfs -o size=${size},uid=${UID},gid=${UID} tmpfs ${home}`;
    const bind = `mount --bind ${this.home} ${home}`;
    switch (this.#options.home) {
      case "full":
        return `${tmpfs("64k")}; dd if=/dev/zero of=${home}/filler bs=1024 count=1000 2>/dev/null || :`;
      case "small":
        return tmpfs("8m");
      case "read-only":
        return `${bind}; mount -o remount,bind,ro ${home}`;
      default:
        return bind;
    }
  }

  async #makeNetwork(): Promise<void> {
    appendFileSync(join(this.#lab.folder, "machines"), `${this.#namespace} ${this.#link}\n`);
    await exec("ip", ["netns", "add", this.#namespace]);
    // Addresses may be taken by another lab of this machine: then another pair is tried.
    await until(`there is a network for ${this.name}`, async () => {
      const net = `10.${randomInt(130, 250)}.${randomInt(0, 256)}.${4 * randomInt(0, 63)}`.split(".").map(Number);
      const at = (offset: number) => [...net.slice(0, 3), (net[3] ?? 0) + offset].join(".");
      const { stdout } = await exec("ip", ["route", "get", at(2)]);
      if (/dev sy/.test(stdout)) return false;
      this.address = at(2);
      await exec("ip", ["link", "add", this.#link, "type", "veth", "peer", "name", "eth0", "netns", this.#namespace]);
      await exec("ip", ["addr", "add", `${at(1)}/30`, "dev", this.#link]);
      await exec("ip", ["link", "set", this.#link, "up"]);
      await exec("ip", ["-n", this.#namespace, "addr", "add", `${at(2)}/30`, "dev", "eth0"]);
      this.#gateway = at(1);
      await this.#plugIn();
      return true;
    });
  }

  async #plugIn(): Promise<void> {
    await exec("ip", ["-n", this.#namespace, "link", "set", "eth0", "up"]);
    await exec("ip", ["-n", this.#namespace, "route", "replace", "default", "via", this.#gateway]);
  }

  #answers(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect({ host: this.address, port: this.port, timeout: 1000 });
      const done = (answer: boolean) => {
        socket.destroy();
        resolve(answer);
      };
      socket.once("data", () => done(true)).once("error", () => done(false)).once("timeout", () => done(false)).once("close", () => done(false)); // biome-ignore format: one line
    });
  }

  async #pids(): Promise<number[]> {
    const { stdout } = await exec("ip", ["netns", "pids", this.#namespace]);
    return stdout.split("\n").filter((line) => line !== "").map(Number); // biome-ignore format: one line
  }

  async #signal(signal: NodeJS.Signals): Promise<void> {
    for (const pid of await this.#pids()) kill(pid, signal);
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
