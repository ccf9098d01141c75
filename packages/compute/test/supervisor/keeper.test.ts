import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readNodeClock } from "../../src/localNodes/nodeClock.ts";
import { eventually, isAlive, kill, SHELLS, SUPERVISOR_FOLDER, TestSite } from "./harness.ts";

for (const shell of SHELLS) {
  describe(`keeping a node under ${shell}`, () => {
    let site: TestSite;
    let folder: string;
    const pids: number[] = [];

    beforeEach(() => {
      site = new TestSite(shell);
      folder = join(site.root, "nodes", "a node");
      for (const name of ["jobs", "tmp", "scratch"]) mkdirSync(join(folder, name), { recursive: true });
      mkdirSync(join(site.root, "nodes", ".bells"));
    });
    afterEach(async () => {
      for (const pid of pids.splice(0)) if (isAlive(pid)) kill(-pid);
      await site.clean();
    });

    const expireIn = (seconds: number) =>
      writeFileSync(join(folder, "expiry"), `${readNodeClock() + seconds * 100} ${Math.max(1, seconds)}\n`);
    const keep = () => {
      const child = spawn(site.shell, [join(SUPERVISOR_FOLDER, "keeper.sh"), folder], {
        env: site.variables,
        detached: true,
        stdio: ["ignore", "pipe", "pipe"],
      });
      let output = "";
      child.stdout.on("data", (bytes) => (output += bytes));
      child.stderr.on("data", (bytes) => (output += bytes));
      pids.push(child.pid as number);
      const done = new Promise<{ code: number | null; output: string }>((resolve) =>
        child.once("close", (code) => resolve({ code, output })),
      );
      return { pid: child.pid as number, done };
    };
    const isReady = () => eventually("the node is ready", () => existsSync(join(folder, "keeper")));
    const ended = () => readFileSync(join(folder, "ended"), "utf8");

    it("says who it is, and leaves when the node expires", async () => {
      expireIn(1);
      // with a job it stays, so that it is still there to be looked at
      const job = join(folder, "jobs", "a job");
      writeFileSync(job, "\n");
      const { pid, done } = keep();
      await isReady();
      const [who, start] = readFileSync(join(folder, "keeper"), "utf8").split(" ");
      expect(Number(who)).toBe(pid);
      expect(start).toBe(execFileSync("awk", ["{print $22}", `/proc/${pid}/stat`], { encoding: "utf8" }).trim());
      rmSync(job);
      expect(await done).toEqual({ code: 0, output: "" });
      expect(ended()).toBe("expired\n");
      expect(["tmp", "scratch"].map((name) => existsSync(join(folder, name)))).toEqual([false, false]);
    });

    it("is the only one", async () => {
      expireIn(600);
      const keepers = [keep(), keep(), keep()];
      await isReady();
      const first = Number(readFileSync(join(folder, "keeper"), "utf8").split(" ")[0]);
      for (const { pid, done } of keepers) if (pid !== first) expect(await done).toEqual({ code: 0, output: "" });
      expect(isAlive(first)).toBe(true);
    });

    it("stops the jobs of a node that is wanted back, all at once, and is not disturbed by further notices", async () => {
      expireIn(600);
      const text =
        "import os, signal, sys, time\ndef leave():\n  while not os.path.exists('../go'): time.sleep(0.02)\n  print('saved', flush=True)\n  sys.exit(0)\nsignal.signal(signal.SIGTERM, lambda *_: leave())\nprint('ready', flush=True)\nwhile True: time.sleep(60)\n";
      const jobs = ["one", "two"].map((id) =>
        site.place(id, { command: { kind: "python", script: "a.py", arguments: [] }, code: { "a.py": text } }),
      );
      for (const job of jobs) {
        await job.launch();
        writeFileSync(join(folder, "jobs", job.job.jobId), `${job.folder}\n`);
      }
      writeFileSync(join(folder, "jobs", "gone"), `${site.root}/jobs/never was\n`);
      const log = (job: (typeof jobs)[number]) => job.read("azureml-logs/80_driver_log.txt");
      for (const job of jobs) await eventually("the script is ready", () => log(job).includes("ready"));
      const { pid, done } = keep();
      await isReady();
      writeFileSync(join(folder, "notice"), "30\n");
      process.kill(pid, "SIGTERM");
      await eventually("it began", () => existsSync(join(folder, "ending")));
      for (let i = 0; i < 3; i += 1) process.kill(pid, "SIGTERM");
      for (const job of jobs) site.touch(join(job.folder, "go"));
      expect(await done).toEqual({ code: 0, output: "" });
      expect(ended()).toBe("preempted\n");
      for (const job of jobs) {
        expect(await job.ended()).toMatchObject({ exitCode: 0, because: "preempted" });
        expect(log(job)).toBe("ready\nsaved\n");
      }
    });

    it("leaves when its folder is taken away, or somebody else ended the node", async () => {
      expireIn(600);
      const { pid, done } = keep();
      await isReady();
      writeFileSync(join(folder, "ended"), "deleted\n");
      mkdirSync(join(folder, "ending"));
      process.kill(pid, "SIGTERM");
      expect(await done).toEqual({ code: 0, output: "" });
      expect(ended()).toBe("deleted\n");
    });
  });
}
