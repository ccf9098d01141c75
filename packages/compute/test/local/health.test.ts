import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "@switchyard/compute/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { listenToBells } from "../../src/local/bells.ts";
import { checkMachine } from "../../src/local/health.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "switchyard-health-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("the health of this machine", () => {
  it("names the tool that is missing", async () => {
    expect(await checkMachine(folder, "")).toMatchObject({ ok: false, because: expect.stringContaining("no sh") });
  });

  it("is fine without python3, and says what that means", async () => {
    for (const tool of ["sh", "tar", "setsid"]) symlinkSync("/bin/sh", join(folder, tool));
    expect(await checkMachine(folder, folder)).toMatchObject({ ok: true, note: expect.stringContaining("python3") });
  });

  it("names the folder that cannot be written", async () => {
    const missing = join(folder, "missing");
    expect(await checkMachine(missing)).toMatchObject({ ok: false, because: expect.stringContaining(missing) });
  });
});

describe("bells", () => {
  it("wake who listens, once for several writes at a time, and not after the end", async () => {
    const bells = join(folder, "bells");
    const rung: string[] = [];
    const stop = listenToBells(bells, (jobId) => rung.push(jobId));
    writeFileSync(join(bells, "job-1"), "1 claimed\n");
    await until("the bell rang", () => rung.includes("job-1"));
    stop();
    writeFileSync(join(bells, "job-2"), "1 claimed\n");
    expect(rung).not.toContain("job-2");
  });

  it("are read again and again where they cannot be watched", async () => {
    const bells = join(folder, "bells");
    writeFileSync(bells, "a file where the folder should be");
    const rung: string[] = [];
    const stop = listenToBells(bells, (jobId) => rung.push(jobId));
    rmSync(bells);
    mkdirSync(bells);
    writeFileSync(join(bells, "job-1"), "1 claimed\n");
    await until("the bell was seen", () => rung.includes("job-1"));
    stop();
  });
});
