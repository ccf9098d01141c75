import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLocalDriver } from "@switchyard/compute/local";
import { bundleOf, Follower } from "@switchyard/compute/testing";
import { DiskFull } from "@switchyard/protocol";
import { afterAll, describe, expect, it } from "vitest";
import { TOOLS } from "../localLab.ts";

const folder = mkdtempSync(join(tmpdir(), "switchyard-full-"));
const disk = join(folder, "disk");
const isMounted = mountSmallDisk();
afterAll(() => {
  if (isMounted) execFileSync("umount", ["-l", disk]);
  rmSync(folder, { recursive: true, force: true });
});

/** A disk of 8 MB in memory, of which the toolkit takes a quarter; false where this account may not mount one. */
function mountSmallDisk(): boolean {
  mkdirSync(disk);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", disk], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!isMounted)("on a disk that is full", () => {
  const driver = createLocalDriver({ siteRoot: join(disk, "site"), ...TOOLS });
  const signal = () => AbortSignal.timeout(100_000);

  it("a job is refused by name of the folder, leaves nothing, and the next one that fits runs", async () => {
    const tooBig = bundleOf({ files: { "big.bin": new Uint8Array(9_000_000) } });
    const error = await driver.start(tooBig, signal()).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DiskFull);
    expect((error as Error).message).toContain(join(disk, "site"));
    expect(readdirSync(join(disk, "site/staging"))).toEqual([]);
    const small = await driver.start(bundleOf({ acts: [{ exit: 0 }] }), signal());
    expect(await new Follower(driver, small).toTheEnd()).toMatchObject({ exitCode: 0 });
    await driver.remove(small, signal());
  });

  it("the compute says that it cannot take jobs", async () => {
    expect(await driver.check(signal())).toMatchObject({ ok: false, because: expect.stringContaining("free below") });
  });
});
