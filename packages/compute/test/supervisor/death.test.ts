import { execFileSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually, isAlive, kill, processesOf, SHELLS, type TestJob, TestSite } from "./harness.ts";

const GO_ON = { command: { kind: "command" as const, argv: ["sh", "-c", "until [ -e ../go ]; do sleep 0.02; done; exit 4"] } };
const killed = async (...pids: number[]) => {
  kill(...pids);
  await eventually("they are dead", () => !pids.some(isAlive));
};
const go = (job: TestJob) => writeFileSync(join(job.folder, "go"), "");

for (const shell of SHELLS) {
  describe(`what dies on the way under ${shell}`, () => {
    let site: TestSite;
    beforeEach(() => {
      site = new TestSite(shell);
    });
    afterEach(() => site.clean());
    const finish = (job: TestJob) => site.supervise("finish", job.folder, "1");

    it("keeps the exit code when the supervisor is killed", async () => {
      const job = site.place("supervisor", GO_ON);
      await job.launch();
      const { supervisor, waiter } = await job.pids();
      expect((await finish(job)).code).toBe(3);
      await killed(supervisor);
      expect((await finish(job)).code).toBe(3);
      expect(job.read("ended.json")).toBe("");
      go(job);
      await eventually("the waiter left the code", () => job.read("exit") !== "" && !isAlive(waiter));
      expect(job.read("exit").trim()).toBe("4");
      await Promise.all([finish(job), finish(job), finish(job)]);
      expect(await job.ended()).toMatchObject({ exitCode: 4, signal: null, because: null });
      expect((await finish(job)).code).toBe(0);
    });

    it("says unknown when supervisor and waiter are killed", async () => {
      const job = site.place("both", GO_ON);
      await job.launch();
      const { supervisor, waiter, script } = await job.pids();
      await killed(supervisor, waiter);
      expect((await finish(job)).code).toBe(3);
      go(job);
      await eventually("the script is gone", () => !isAlive(script));
      expect((await finish(job)).code).toBe(0);
      expect(await job.ended()).toMatchObject({ exitCode: null, signal: null, because: "unknown" });
    });

    it("waits for the script when only the waiter is killed", async () => {
      const job = site.place("waiter", GO_ON);
      await job.launch();
      const { waiter, script } = await job.pids();
      await killed(waiter);
      expect(isAlive(script)).toBe(true);
      expect(job.kinds()).not.toContain("ended");
      go(job);
      expect(await job.ended()).toMatchObject({ exitCode: null, because: "unknown" });
      await eventually("the script is gone", () => !isAlive(script));
    });

    it("stops a script that has neither supervisor nor waiter", async () => {
      const job = site.place("orphan", GO_ON);
      await job.launch();
      const { supervisor, waiter, script } = await job.pids();
      await killed(supervisor, waiter);
      await site.supervise("stop", job.folder, "5", "canceled");
      expect(await job.ended()).toMatchObject({ exitCode: null, because: "canceled" });
      await eventually("the script is gone", () => !isAlive(script));
    });

    it("knows after a reboot that the pids are somebody else's", async () => {
      const job = site.place("reboot", GO_ON);
      await job.launch();
      const pids = await job.pids();
      const line = job.read("pids");
      await killed(pids.supervisor, pids.waiter, pids.script);
      // the same numbers, alive, but of another boot
      const words = line
        .trim()
        .split(" ")
        .slice(0, -1)
        .map((_, at) => (at % 2 ? "-" : `${process.pid}`));
      writeFileSync(join(job.attempt(), "pids"), `${words.join(" ")} 00000000-0000-0000-0000-000000000000\n`);
      expect((await finish(job)).code).toBe(0);
      expect(await job.ended()).toMatchObject({ because: "unknown" });
    });

    it("knows a pid that was given out again by its start time", async () => {
      const job = site.place("again", GO_ON);
      await job.launch();
      const pids = await job.pids();
      const boot = job.read("pids").trim().split(" ").at(-1);
      await killed(pids.supervisor, pids.waiter, pids.script);
      writeFileSync(join(job.attempt(), "pids"), `${process.pid} 7 ${process.pid} 7 ${process.pid} 7 ${boot}\n`);
      expect((await finish(job)).code).toBe(0);
      expect(await job.ended()).toMatchObject({ because: "unknown" });
    });

    it("does not finish a claim that is only a moment old, but one that was left", async () => {
      const job = site.place("claimed", GO_ON);
      mkdirSync(job.attempt(), { recursive: true });
      expect((await finish(job)).code).toBe(3);
      const old = new Date(Date.now() - 600_000);
      utimesSync(job.attempt(), old, old);
      mkdirSync(join(job.attempt(), "azureml-logs"));
      utimesSync(job.attempt(), old, old);
      expect((await finish(job)).code).toBe(0);
      expect(await job.ended()).toMatchObject({ exitCode: null, because: "unknown" });
    });

    it("takes over from a finisher that died", async () => {
      const job = site.place("finisher", GO_ON);
      await job.launch();
      const { supervisor, waiter, script } = await job.pids();
      await killed(supervisor, waiter, script);
      const lock = join(job.folder, ".switchyard/finish-1.lock");
      mkdirSync(lock);
      writeFileSync(join(lock, "holder"), `${script} 1 ${job.read("pids").trim().split(" ").at(-1)}\n`);
      // a write that was cut short, and an end that was written without ended.json
      appendFileSync(join(job.attempt(), "events.jsonl"), '{"at":"2026-01-01T00:00');
      expect((await finish(job)).code).toBe(0);
      const lines = job.read("events.jsonl").trim().split("\n");
      expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject({ kind: "ended", because: "unknown" });
      rmSync(join(job.attempt(), "ended.json"));
      expect((await finish(job)).code).toBe(0);
      expect(job.read("events.jsonl").trim().split("\n")).toEqual(lines);
      expect(job.read("ended.json")).toBe(`${lines.at(-1)}\n`);
    });
  });

  describe.skipIf(process.getuid?.() !== 0)(`a full disk under ${shell}`, () => {
    let site: TestSite;
    let small: string;
    beforeEach(() => {
      const base = new TestSite(shell);
      small = base.root;
      site = base;
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", join(small, "jobs")]);
    });
    afterEach(async () => {
      kill(...processesOf(join(small, "jobs")));
      execFileSync("umount", ["-l", join(small, "jobs")]);
      await site.clean();
    });
    /** Leaves not a byte of room. */
    const fill = (path: string) => {
      try {
        for (;;) appendFileSync(path, Buffer.alloc(65_536));
      } catch {
        // full
      }
      try {
        for (;;) appendFileSync(path, Buffer.alloc(512));
      } catch {
        // to the last block
      }
    };

    it("still tells the end of a script that filled the disk", async () => {
      const job = site.place("fill", {
        command: { kind: "command", argv: ["sh", "-c", "cat /dev/zero >outputs/big; echo x >>logs/x; exit 9"] },
      });
      expect(await job.run()).toMatchObject({ exitCode: 9, because: null });
      expect(job.kinds()).toEqual(["claimed", "environment", "started", "ended"]);
      expect(job.read("azureml-logs/80_driver_log.txt")).toContain(`Switchyard: The disk of ${job.folder} was full`);
    });

    it("tells disk_full when there was no room to begin", async () => {
      const job = site.place("begin", { command: { kind: "command", argv: ["sh", "-c", "echo ran"] } });
      mkdirSync(join(job.folder, ".switchyard/attempts"));
      const filler = join(job.folder, "filler");
      fill(filler);
      await job.launch();
      await eventually("it gave up, and tries to say so", () => existsSync(join(job.attempt(), "closing")));
      expect(job.read("ended.json")).toBe("");
      // room appears: the end is told, and the script never ran
      rmSync(filler);
      expect(await job.ended(1, 60)).toMatchObject({ exitCode: null, because: "disk_full" });
      expect(job.read("azureml-logs/80_driver_log.txt")).not.toContain("ran");
    });
  });
}
