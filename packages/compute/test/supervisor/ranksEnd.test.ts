import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually, find, isAlive, kill, processesOf, SHELLS, type TestJob, TestSite } from "./harness.ts";
import { CONTROL_LOG, exceptRank, POLITE, python, rankLog, ranks, STUBBORN } from "./rankJobs.ts";

const go = (job: TestJob) => writeFileSync(join(job.folder, "go"), "");
const pidOf = (job: TestJob, rank: number) => Number(readFileSync(join(job.attempt(), `ranks/${rank}`), "utf8").split(" ")[0]);
const parentOf = (pid: number) => Number(readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ")[1]);
const ready = (job: TestJob, ...which: number[]) =>
  eventually(`ranks ${which} are ready`, () => which.every((rank) => job.read(rankLog(rank)).includes("ready")));
const nothingIsLeft = (job: TestJob) => eventually("nothing is left", () => processesOf(job.folder).length === 0);

for (const shell of SHELLS) {
  describe(`how ranks end under ${shell}`, () => {
    let site: TestSite;
    beforeEach(() => {
      site = new TestSite(shell);
    });
    afterEach(() => site.clean());

    it("ends with the code of the rank that failed, names it, and lets the others finish", async () => {
      const job = site.place("fails", ranks({ nodes: 3, ...python(exceptRank(1, `sys.exit('what "broke" it\\n')`, POLITE)) }));
      await job.launch();
      await ready(job, 0, 2);
      go(job);
      expect(await job.ended()).toMatchObject({
        exitCode: 1,
        signal: null,
        because: null,
        rank: { number: 1, node: "node-1", lines: ['what "broke" it'] },
      });
      for (const rank of [0, 2]) expect(job.read(rankLog(rank))).toBe("ready\nleaving\n");
      expect(job.read(CONTROL_LOG)).toMatch(
        /Rank 1 on node-1 ended with exit code 1.*\n.*last lines, in azureml-logs\/70_driver_log_1\.txt:\nwhat "broke" it\n/,
      );
      await nothingIsLeft(job);
    });

    it("sees a rank that was killed, and kills the others when they do not listen", async () => {
      const job = site.place("killed", ranks({ nodes: 2, processesPerNode: 2, limits: { graceSeconds: 0.3 }, ...python(STUBBORN) }));
      await job.launch();
      await ready(job, 0, 1, 2, 3);
      kill(pidOf(job, 2));
      expect(await job.ended()).toMatchObject({ exitCode: null, signal: "KILL", because: null, rank: { number: 2, node: "node-1" } });
      expect(job.read(CONTROL_LOG)).toContain('Rank 2 on node-1 was ended by signal "KILL"');
      await nothingIsLeft(job);
    });

    it("succeeds only when every rank has: a late failure counts", async () => {
      const job = site.place("late", ranks({ nodes: 2, ...python(exceptRank(1, "sys.exit(9)", "print('ready')")) }));
      await job.launch();
      await ready(job, 0);
      await eventually("rank 0 is gone", () => !isAlive(pidOf(job, 0)));
      expect(job.read("ended.json")).toBe("");
      go(job);
      expect(await job.ended()).toMatchObject({ exitCode: 9, rank: { number: 1, lines: [] } });
    });

    it("stops all ranks when it is canceled, and does not call that a failure", async () => {
      const job = site.place("canceled", ranks({ nodes: 3, ...python(POLITE) }));
      await job.launch();
      await ready(job, 0, 1, 2);
      expect(await site.supervise("stop", job.folder, "60", "canceled")).toMatchObject({ code: 0, output: "" });
      const ended = await job.ended();
      expect(ended).toMatchObject({ because: "canceled" });
      expect(ended).not.toHaveProperty("rank");
      for (const rank of [0, 1, 2]) expect(job.read(rankLog(rank))).toBe("ready\nleaving\n");
      await nothingIsLeft(job);
    });

    it("holds the time limit for all ranks", async () => {
      // the clock of this test is a file: on a busy machine Python may need longer to begin than any short limit
      const sleep = find("sleep");
      site.addTool("sleep", `#!/bin/sh\n[ "$1" = 987 ] || exec ${sleep} "$1"\nuntil [ -e '${site.root}/time' ]; do ${sleep} 0.02; done\n`);
      const job = site.place("limit", ranks({ nodes: 2, ...python(STUBBORN), limits: { maxSeconds: 987, graceSeconds: 0.3 } }));
      await job.launch();
      await ready(job, 0, 1);
      writeFileSync(join(site.root, "time"), "");
      expect(await job.ended()).toMatchObject({ signal: "KILL", because: "time_limit" });
      await nothingIsLeft(job);
    });

    it("ends right whenever the stop comes", async () => {
      for (let turn = 0; turn < 6; turn++) {
        const job = site.place(`race${turn}`, ranks({ nodes: 2, command: { kind: "command", argv: ["sleep", "300"] } }));
        const launched = job.launch();
        await new Promise((resolve) => setTimeout(resolve, turn * 15));
        await site.supervise("stop", job.folder, "20", "canceled");
        await launched;
        expect(await job.ended()).toMatchObject({ because: "canceled" });
        await nothingIsLeft(job);
      }
    });

    it("leaves no rank behind when its launcher is killed", async () => {
      const job = site.place("launcher", ranks({ nodes: 3, ...python(STUBBORN) }));
      await job.launch();
      await ready(job, 0, 1, 2);
      kill((await job.pids()).script);
      const ended = await job.ended();
      expect(ended).toMatchObject({ exitCode: null, signal: "KILL", because: null });
      expect(job.read(CONTROL_LOG)).toContain('The launcher of the ranks was ended by signal "KILL"');
      await nothingIsLeft(job);
    });

    it("goes on without supervisor and waiter, and leaves nothing behind when it is stopped then", async () => {
      const job = site.place("both", ranks({ nodes: 2, ...python(POLITE) }));
      await job.launch();
      await ready(job, 0, 1);
      const { supervisor, waiter } = await job.pids();
      kill(supervisor, waiter);
      await eventually("both are dead", () => !isAlive(supervisor) && !isAlive(waiter));
      expect((await site.supervise("finish", job.folder, "1")).code).toBe(3);
      await site.supervise("stop", job.folder, "20", "abandoned");
      expect(await job.ended()).toMatchObject({ because: "abandoned" });
      await nothingIsLeft(job);
    });

    it("lets the ranks end by themselves when only the supervisor is killed", async () => {
      const job = site.place("supervisor", ranks({ nodes: 2, ...python(exceptRank(1, "sys.exit(4)", POLITE)) }));
      await job.launch();
      await ready(job, 0);
      const { supervisor, waiter } = await job.pids();
      kill(supervisor);
      go(job);
      await eventually("the waiter has left", () => !isAlive(waiter));
      expect((await site.supervise("finish", job.folder, "1")).code).toBe(0);
      expect(await job.ended()).toMatchObject({ exitCode: 4, rank: { number: 1, node: "node-1" } });
      await nothingIsLeft(job);
    });

    it("waits for a rank whose waiter was killed, and says that nobody saw its code", async () => {
      const job = site.place("rank-waiter", ranks({ nodes: 2, ...python(exceptRank(1, "sys.exit(0)", "print('ready')")) }));
      await job.launch();
      await ready(job, 0);
      const rank = await eventually("rank 1 has a pid", () => job.read("ranks/1") !== "" && pidOf(job, 1));
      kill(parentOf(rank));
      await eventually("rank 0 is gone", () => !isAlive(pidOf(job, 0)));
      expect(isAlive(rank)).toBe(true);
      expect(job.read("ended.json")).toBe("");
      go(job);
      expect(await job.ended()).toMatchObject({ exitCode: null, signal: null, because: "unknown", rank: { number: 1, node: "node-1" } });
      await nothingIsLeft(job);
    });
  });
}
