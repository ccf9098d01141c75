import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ComputeDriver } from "@switchyard/compute";
import { bundleOf, Follower, Gate } from "@switchyard/compute/testing";
import { onFailPoint } from "@switchyard/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LocalLab } from "../localLab.ts";

let lab: LocalLab;
let driver: ComputeDriver;
let gate: Gate;
const signal = () => AbortSignal.timeout(100_000);
beforeEach(async () => {
  lab = new LocalLab();
  driver = await lab.connect();
  gate = new Gate();
});
afterEach(async () => {
  onFailPoint(undefined);
  gate.close();
  await lab.close();
});

const DRIVER_LOG = "azureml-logs/80_driver_log.txt";
const bundle = () => bundleOf({ acts: [{ say: "once" }, { waitFor: gate.path }, { exit: 6 }] });

async function running() {
  const handle = await driver.start(bundle(), signal());
  const follower = new Follower(driver, handle);
  await follower.toTheStart();
  const attempt = join(lab.directoryOf(handle), ".switchyard/attempts/1");
  const words = readFileSync(join(attempt, "pids"), "utf8").trim().split(" ");
  const [supervisor, waiter, script] = [Number(words[0]), Number(words[2]), Number(words[4])];
  return { handle, follower, attempt, words, pids: { supervisor, waiter, script } as Record<string, number> };
}

const kill = (pid: number | undefined) => process.kill(pid ?? 0, "SIGKILL");

describe("a local job", () => {
  it.each(["stage.before-rename", "stage.after-rename", "start.after-launch"] as const)(
    "is started once when the server dies at %s",
    async (place) => {
      const job = bundle();
      onFailPoint((name) => {
        if (name === place) throw new Error("killed here");
      });
      await expect(driver.start(job, signal())).rejects.toThrow("killed here");
      onFailPoint(undefined);
      gate.open();
      const again = await lab.connect();
      const follower = new Follower(again, await again.start(job, signal()));
      expect(await follower.toTheEnd()).toMatchObject({ exitCode: 6, attempt: 1 });
      expect(follower.text(DRIVER_LOG)).toBe("once\n");
    },
  );

  it("that was staged but never launched is launched by who looks at it", async () => {
    const job = bundle();
    gate.open();
    const handle = await driver.start(bundleOf({ acts: [] }), signal());
    onFailPoint((name) => {
      if (name === "stage.after-rename") throw new Error("killed here");
    });
    await driver.start(job, signal()).catch(() => {});
    onFailPoint(undefined);
    const ref = { ...handle.ref, dir: lab.directoryOf({ jobId: job.id }) };
    const follower = new Follower(await lab.connect(), { ...handle, jobId: job.id, ref });
    expect(await follower.toTheEnd()).toMatchObject({ exitCode: 6 });
    await new Follower(driver, handle).toTheEnd();
  });

  it("whose supervisor was killed runs on and ends by its exit code", async () => {
    const { follower, pids } = await running();
    kill(pids.supervisor);
    expect(await follower.look()).toMatchObject({ phase: "running" });
    gate.open();
    expect(await follower.toTheEnd()).toMatchObject({ exitCode: 6 });
  });

  it("whose supervisor and waiter were killed runs on, and then nobody knows how it ended", async () => {
    const { follower, pids } = await running();
    kill(pids.supervisor);
    kill(pids.waiter);
    expect(await follower.look()).toMatchObject({ phase: "running" });
    gate.open();
    expect(await follower.toTheEnd()).toMatchObject({ exitCode: null, because: "unknown" });
  });

  it("whose processes are all gone ends as unknown, also when their pids are somebody else's now", async () => {
    const { follower, pids, attempt, words } = await running();
    for (const pid of [pids.supervisor, pids.waiter, pids.script]) kill(pid);
    const reused = words.map((word, index) => (index % 2 === 0 && index < 6 ? `${process.pid}` : word));
    writeFileSync(join(attempt, "pids.new"), `${reused.join(" ")}\n`);
    renameSync(join(attempt, "pids.new"), join(attempt, "pids"));
    expect(await follower.toTheEnd()).toMatchObject({ exitCode: null, because: "unknown" });
  });

  it("that cannot be claimed waits, and says why", async () => {
    const handle = await driver.start(bundleOf({ acts: [] }), signal());
    await new Follower(driver, handle).toTheEnd();
    const stuck = { ...handle, jobId: "stuck", ref: { ...handle.ref, dir: lab.directoryOf({ jobId: "stuck" }) } };
    mkdirSync(join(lab.directoryOf(stuck), ".switchyard"), { recursive: true });
    writeFileSync(join(lab.directoryOf(stuck), ".switchyard/launch.log"), "supervise: no space\n");
    expect(await new Follower(driver, stuck).look()).toMatchObject({ phase: "waiting", because: expect.stringMatching(/./) });
  });
});
