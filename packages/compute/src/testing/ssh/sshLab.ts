import { execFile, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { SshAuth } from "../../ssh/settings.ts";
import type { SshHostOptions } from "./machineFiles.ts";
import { SshHost } from "./sshHost.ts";

const exec = promisify(execFile);
const PASSWORD = "s3cret-word";
const PASSPHRASE = "open sesame";

const GUARD = fileURLToPath(new URL("sshGuard.sh", import.meta.url));

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
