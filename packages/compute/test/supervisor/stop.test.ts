import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually, find, isAlive, kill, processesOf, SHELLS, type TestJob, TestSite } from "./harness.ts";

/** A script that ignores TERM, with a grandchild in a process group of its own that does so too. */
const STUBBORN = `import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    os.setpgid(0, 0)
    print("grandchild", os.getpid(), flush=True)
while True: time.sleep(60)
`;
const POLITE = `import signal, sys, time
def leave(*_): print("leaving", flush=True); sys.exit(0)
signal.signal(signal.SIGTERM, leave)
print("ready", flush=True)
while True: time.sleep(60)
`;
const python = (text: string) => ({ command: { kind: "python" as const, script: "a.py", arguments: [] }, code: { "a.py": text } });
const log = (job: TestJob) => job.read("azureml-logs/80_driver_log.txt");
const grandchildOf = async (job: TestJob) =>
  Number((await eventually("the grandchild is there", () => /grandchild (\d+)/.exec(log(job))))[1]);

for (const shell of SHELLS) {
  describe(`stopping a job under ${shell}`, () => {
    let site: TestSite;
    beforeEach(() => {
      site = new TestSite(shell);
    });
    afterEach(() => site.clean());

    it("lets the script finish, and comes back as soon as it has", async () => {
      const job = site.place("polite", python(POLITE));
      await job.launch();
      await eventually("it is ready", () => log(job).includes("ready"));
      const began = Date.now();
      expect(await site.supervise("stop", job.folder, "60", "canceled")).toMatchObject({ code: 0, output: "" });
      expect(Date.now() - began).toBeLessThan(50_000);
      expect(await job.ended()).toMatchObject({ exitCode: 0, signal: null, because: "canceled" });
      expect(log(job)).toBe("ready\nleaving\n");
      expect(job.kinds()).toEqual(["claimed", "environment", "started", "stopping", "ended"]);
    });

    it("kills what does not listen, in whatever process group it is", async () => {
      const job = site.place("stubborn", python(STUBBORN));
      await job.launch();
      const grandchild = await grandchildOf(job);
      await site.supervise("stop", job.folder, "0.3", "abandoned");
      expect(await job.ended()).toMatchObject({ exitCode: null, signal: "KILL", because: "abandoned" });
      await eventually("nothing is left", () => !isAlive(grandchild) && processesOf(job.folder).length === 0);
    });

    it("gives the children of a script that left at once the time they were promised", async () => {
      const text = `import os, signal, sys, time
if os.fork() == 0:
    def leave(*_): time.sleep(0.5); print("saved", flush=True); sys.exit(0)
    signal.signal(signal.SIGTERM, leave)
    print("ready", flush=True)
while True: time.sleep(60)
`;
      const job = site.place("children", python(text));
      await job.launch();
      await eventually("the child is ready", () => log(job).includes("ready"));
      await site.supervise("stop", job.folder, "30", "canceled");
      expect(await job.ended()).toMatchObject({ signal: "TERM", because: "canceled" });
      expect(log(job)).toBe("ready\nsaved\n");
    });

    it("holds the time limit by itself", async () => {
      // the clock of this test is a file: on a busy machine Python may need longer to begin than any short limit
      const sleep = find("sleep");
      site.addTool("sleep", `#!/bin/sh\n[ "$1" = 987 ] || exec ${sleep} "$1"\nuntil [ -e '${site.root}/time' ]; do ${sleep} 0.02; done\n`);
      const job = site.place("limit", { ...python(STUBBORN), limits: { maxSeconds: 987, graceSeconds: 0.3 } });
      await job.launch();
      const grandchild = await grandchildOf(job);
      expect(job.read("ended.json")).toBe("");
      writeFileSync(join(site.root, "time"), "");
      expect(await job.ended()).toMatchObject({ exitCode: null, signal: "KILL", because: "time_limit" });
      await eventually("nothing is left", () => !isAlive(grandchild) && processesOf(job.folder).length === 0);
    });

    it("knows fractions of a second in a limit", async () => {
      const job = site.place("short", {
        command: { kind: "command", argv: ["sleep", "300"] },
        limits: { maxSeconds: 0.05, graceSeconds: 5 },
      });
      expect(await job.run()).toMatchObject({ because: "time_limit" });
    });

    it("leaves no clock running after a script that was faster than its limit", async () => {
      const job = site.place("fast", { ...python("print(1)"), limits: { maxSeconds: 86_400, graceSeconds: 5 } });
      expect(await job.run()).toMatchObject({ exitCode: 0, because: null });
      await eventually("nothing is left", () => processesOf(job.folder).length === 0);
      expect(job.read("azureml-logs/60_control_log.txt").split("\n")).toHaveLength(3);
    });

    it("stops a job before it began, so that it never begins", async () => {
      const job = site.place("early", python("print('ran')"));
      await site.supervise("stop", job.folder, "5", "canceled");
      expect(await job.ended()).toMatchObject({ exitCode: null, signal: null, because: "canceled", seconds: null });
      expect(job.kinds()).toEqual(["claimed", "stopping", "ended"]);
      await job.launch();
      await eventually("the late supervisor left", () => processesOf(job.folder).length === 0);
      expect(log(job)).toBe("");
    });

    it("ends right whenever the stop comes", async () => {
      for (let turn = 0; turn < 8; turn++) {
        const job = site.place(`race${turn}`, { command: { kind: "command", argv: ["sleep", "300"] } });
        const launched = job.launch();
        await new Promise((resolve) => setTimeout(resolve, turn * 4));
        const stopped = await site.supervise("stop", job.folder, "5", "canceled");
        await launched;
        expect(stopped).toMatchObject({ code: 0, output: "" });
        expect((await job.ended()).because).toBe("canceled");
        await eventually("nothing is left", () => processesOf(job.folder).length === 0);
      }
    });

    it("does no harm when asked twice, at once or later", async () => {
      const job = site.place("twice", { command: { kind: "command", argv: ["sleep", "300"] } });
      await job.launch();
      await job.pids();
      const words = ["stop", job.folder, "5"] as const;
      await Promise.all([site.supervise(...words, "canceled"), site.supervise(...words, "canceled"), site.supervise(...words, "canceled")]);
      const ended = await job.ended();
      expect(await site.supervise(...words, "abandoned")).toMatchObject({ code: 0, output: "" });
      expect(await job.ended()).toEqual(ended);
      expect(job.kinds().filter((kind) => kind === "stopping")).toHaveLength(1);
    });

    it("leaves a stranger alone that was given the job's pids", async () => {
      const job = site.place("stranger", { command: { kind: "command", argv: ["sleep", "300"] } });
      await job.launch();
      const { script, supervisor, waiter } = await job.pids();
      kill(supervisor, waiter, script);
      await eventually("they are gone", () => ![supervisor, waiter, script].some(isAlive));
      const stranger = site.spawn(["run", site.place("host", { command: { kind: "command", argv: ["sleep", "300"] } }).folder]);
      const path = join(job.attempt(), "pids");
      const words = readFileSync(path, "utf8").trim().split(" ");
      writeFileSync(path, `${stranger.pid} 1 ${stranger.pid} 1 ${stranger.pid} 1 ${words.at(-1)}\n`);
      await site.supervise("stop", job.folder, "0", "canceled");
      expect(await job.ended()).toMatchObject({ exitCode: null, because: "canceled" });
      expect(isAlive(stranger.pid ?? 0)).toBe(true);
    });
  });
}
