import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { DockerLab } from "./engine.ts";
import { findProgram } from "./findProgram.ts";

/** Podman with images and containers of its own; it needs no daemon. */
export async function startPodman(): Promise<DockerLab> {
  const cli = findProgram("podman", "podman");
  const folder = mkdtempSync(join(tmpdir(), "sy-podman-"));
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  mkdirSync(join(folder, "config"));
  write("storage.conf", `[storage]\ndriver = "overlay"\ngraphroot = "${folder}/graph"\nrunroot = "${folder}/run"\n`);
  // Limits that a machine without all rights can set, and nothing that asks for systemd.
  const limits = 'default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]';
  write("containers.conf", `[containers]\n${limits}\n[engine]\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\n`);
  write("registries.conf", "unqualified-search-registries = []\n");
  const env = {
    CONTAINERS_STORAGE_CONF: join(folder, "storage.conf"),
    CONTAINERS_CONF: join(folder, "containers.conf"),
    CONTAINERS_REGISTRIES_CONF: join(folder, "registries.conf"),
    REGISTRY_AUTH_FILE: join(folder, "config", "auth.json"),
    TMPDIR: tmpdir(),
  };
  const run = async (...words: string[]) => {
    const { stdout } = await promisify(execFile)(cli, words, { env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 });
    return stdout.trimEnd();
  };
  return {
    cli,
    env,
    run,
    async close() {
      await run("rm", "--all", "--force", "--time", "0");
      await run("system", "reset", "--force");
      rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
}
