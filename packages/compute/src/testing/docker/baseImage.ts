import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { DockerLab } from "./engine.ts";
import { withLock } from "./lock.ts";

/** counted up when what is made for the same packages changes */
const VERSION = 1;
const SUITE = "bookworm";
const BUILD_SECONDS = 600;

/** Where what takes long to make is kept from one test run to the next. */
export const testCache = (): string =>
  process.env.SWITCHYARD_TEST_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "switchyard-test");

/**
 * A Debian image with these packages, made without a registry: the first time it takes half a minute and is kept in the
 * test cache; later it takes seconds. Returns its name. Give the hook that calls it five minutes.
 */
export async function baseImage(docker: DockerLab, packages: readonly string[] = ["python3", "python3-venv"]): Promise<string> {
  const wanted = [...new Set(packages)].sort();
  const hash = createHash("sha256")
    .update(JSON.stringify([VERSION, SUITE, wanted]))
    .digest("hex")
    .slice(0, 16);
  const name = `switchyard-test/base:${hash}`;
  if (await isThere(docker, name)) return name;
  const tar = await baseTar(hash, wanted);
  if (!(await isThere(docker, name))) await docker.run("import", tar, name);
  return name;
}

async function isThere(docker: DockerLab, name: string): Promise<boolean> {
  return (await docker.run("image", "ls", "--quiet", name)) !== "";
}

/** The image's file system as a tar file, made by mmdebstrap when the cache does not have it. */
async function baseTar(hash: string, packages: readonly string[]): Promise<string> {
  const cache = testCache();
  const tar = join(cache, `base-${hash}.tar`);
  if (existsSync(tar)) return tar;
  mkdirSync(cache, { recursive: true });
  await withLock(`${tar}.lock`, BUILD_SECONDS, async () => {
    if (existsSync(tar)) return;
    const half = join(cache, `base-${hash}.${process.pid}.tar`);
    const include = packages.length === 0 ? [] : [`--include=${packages.join(",")}`];
    try {
      await promisify(execFile)("mmdebstrap", ["--quiet", "--variant=minbase", ...include, SUITE, half], { timeout: BUILD_SECONDS * 1000 });
      renameSync(half, tar);
    } catch (error) {
      const { code, stderr } = error as { code?: unknown; stderr?: string };
      const advice = code === "ENOENT" ? "Install mmdebstrap: apt-get install mmdebstrap." : (stderr ?? "").slice(-2000);
      throw new Error(`Cannot make the test image with ${packages.join(", ")}. ${advice}`, { cause: error });
    } finally {
      rmSync(half, { force: true });
    }
  });
  return tar;
}
