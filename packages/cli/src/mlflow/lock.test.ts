import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { holdLock } from "./lock.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "switchyard-lock-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const file = () => join(home, "import-mlflow.lock");
const now = new Date("2026-01-01T00:00:00Z");

describe("the lock of an import", () => {
  it("is held by one import at a time, and let go", async () => {
    const release = await holdLock(home, now);
    await expect(holdLock(home, now)).rejects.toThrow(`is going on since 2026-01-01T00:00:00.000Z (process ${process.pid})`);
    await release();
    await (await holdLock(home, now))();
    expect(existsSync(file())).toBe(false);
  });

  it("is taken over from a process that is gone, and from one whose pid somebody else has now", async () => {
    for (const left of ["999999999 2026-01-01T00:00:00.000Z\n", `${process.pid} 2026-01-01T00:00:00.000Z 12\n`, ""]) {
      writeFileSync(file(), left);
      await (await holdLock(home, now))();
    }
  });

  it.skipIf(!existsSync("/proc/self/stat"))("is taken over from a process that was killed and that nobody has asked for", async () => {
    // The shell becomes a sleep, which never asks for the child that it was born with. The child ends when it may read.
    const parent = spawn("sh", ["-c", "exec 3<&0; (read x <&3) & echo $!; exec sleep 60"], { stdio: ["pipe", "pipe", "inherit"] });
    try {
      const pid = Number(String((await once(parent.stdout, "data"))[0]));
      await vi.waitFor(() => expect(readFileSync(`/proc/${parent.pid}/comm`, "utf8")).toBe("sleep\n"), { timeout: 10_000 });
      parent.stdin.end("\n");
      await vi.waitFor(() => expect(readFileSync(`/proc/${pid}/stat`, "utf8")).toMatch(/\) Z /), { timeout: 10_000 });
      writeFileSync(file(), `${pid} 2026-01-01T00:00:00.000Z\n`);
      await (await holdLock(home, now))();
    } finally {
      parent.kill("SIGKILL");
    }
  });
});
