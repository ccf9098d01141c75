import { existsSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createSlurmCluster, createSlurmDriver, type SlurmDriverSettings } from "@switchyard/compute/slurm";
import { type BundleOptions, bundleOf, Follower, Gate, until } from "@switchyard/compute/testing";
import { BadRequest, ComputeUnreachable, Conflict, JobRejected } from "@switchyard/protocol";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { SlurmLab } from "../../src/testing/slurm/index.ts";
import { SlurmDesk } from "../slurmDesk.ts";

let cluster: SlurmLab;
/** A job that its Slurm time limit will end: that takes a minute, which the other tests need as well. */
let limited: { desk: SlurmDesk; follower: Follower };
beforeAll(async () => {
  cluster = await SlurmLab.start({
    config: ["EnforcePartLimits=ALL"],
    partitions: [
      "PartitionName=main Nodes=n[1-2] Default=YES MaxTime=60 State=UP",
      "PartitionName=spare Nodes=n3 MaxTime=INFINITE State=UP",
      "PartitionName=shut Nodes=n3 MaxTime=INFINITE State=DOWN",
      "PartitionName=closed Nodes=n3 MaxTime=INFINITE State=UP AllowGroups=nobody-there",
    ],
  });
  const desk = new SlurmDesk(cluster, { options: ["--time=1"] });
  const driver = await desk.connect();
  limited = {
    desk,
    follower: new Follower(driver, await driver.start(bundleOf({ script: "exec sleep 200" }), AbortSignal.timeout(100_000))),
  };
});
afterAll(async () => {
  await limited?.desk.close();
  await cluster?.close();
});

describe("Slurm with bad input", () => {
  let desk: SlurmDesk;
  let gate: Gate;
  beforeEach(() => {
    desk = new SlurmDesk(cluster);
    gate = new Gate();
  });
  afterEach(async () => {
    gate.close();
    await desk.close();
  });
  const signal = (ms = 50_000) => AbortSignal.timeout(ms);

  const refusal = async (settings: SlurmDriverSettings, options: BundleOptions = {}): Promise<Error> => {
    const driver = await desk.connect(settings);
    return driver.start(bundleOf(options), signal()).then(
      () => new Error("it was taken"),
      (error: Error) => error,
    );
  };

  it.each<[string, SlurmDriverSettings, BundleOptions, RegExp, RegExp]>([
    ["an unknown partition", { partition: "nope" }, {}, /invalid partition/i, /sinfo lists them, and the target says "nope"/],
    ["more nodes than there are", {}, { job: { nodes: 9 } }, /node/i, /Ask for/],
    ["more time than the partition allows", {}, { maxSeconds: 7200 }, /time limit/i, /Lower maxRunDurationSeconds/],
    ["GPUs that no node has", { gpusPerNode: 2 }, {}, /gres|generic resource/i, /Ask for GPUs/],
    ["more memory than a node has", { memoryMegabytesPerNode: 9_999_999 }, {}, /memory/i, /Ask for less memory/],
    ["more CPUs than a node has", { cpusPerNode: 500 }, {}, /configuration|CPU|processors/i, /Ask for/],
    ["features that no node has", { constraint: "quantum" }, {}, /feature/i, /constraint/],
    ["an option that sbatch does not know", { options: ["--bogus"] }, {}, /unrecognized option '--bogus'/, /own options/],
  ])("refuses %s with Slurm's words and the way out", async (_, settings, options, words, wayOut) => {
    const error = await refusal(settings, options);
    expect(error).toBeInstanceOf(JobRejected);
    expect(error.message).toMatch(/^Slurm refuses job job-/);
    expect(error.message).toMatch(words);
    expect(error.message).toMatch(wayOut);
    const [id = ""] = /job-[-\w]+/.exec(error.message) ?? [];
    expect(await cluster.run("squeue", "-h", "-o", "%j")).not.toContain(id);
  });

  it.each<SlurmDriverSettings>([{ partition: "nope" }, { memoryMegabytesPerNode: 9_999_999 }])(
    "takes a job that was refused once its target is corrected: %j",
    async (wrong) => {
      const bundle = bundleOf({ acts: [{ exit: 3 }] });
      await expect((await desk.connect(wrong)).start(bundle, signal())).rejects.toThrow(JobRejected);
      const driver = await desk.connect();
      expect(await new Follower(driver, await driver.start(bundle, signal())).toTheEnd()).toMatchObject({ exitCode: 3 });
    },
  );

  it("refuses options that are not a target's to set", () => {
    for (const option of ["--output=x", "-Dx", "--array=1-3", "gpu", "--wrap=true", "-"]) {
      expect(() => createSlurmDriver({ options: [option] }, desk.site()), option).toThrow(BadRequest);
    }
  });

  it("says why a job waits, for a person", async () => {
    const driver = await desk.connect({ partition: "shut" });
    const handle = await driver.start(bundleOf({}), signal());
    const follower = new Follower(driver, handle);
    const seen = await until("Slurm has looked at it", async () => {
      const look = await follower.look();
      return look.phase === "waiting" && look.because?.includes("PartitionDown") && look;
    });
    expect(seen.because).toMatch(/^Slurm job \d+ waits: its partition is down\. .*\(PartitionDown\)$/);
    await driver.cancel(handle, 1, signal());
    expect(await follower.toTheEnd()).toMatchObject({ because: "canceled" });
  });

  it("says a held job is held, and goes on when it is released", async () => {
    const driver = await desk.connect({ options: ["--hold"] });
    const handle = await driver.start(bundleOf({ acts: [{ exit: 0 }] }), signal());
    const follower = new Follower(driver, handle);
    const seen = await until("Slurm was asked", async () => {
      const look = await follower.look();
      return look.phase === "waiting" && look.because?.includes("JobHeldUser") && look;
    });
    expect(seen.because).toMatch(/is held\. Release it .*\(JobHeldUser\)/);
    await cluster.run("scontrol", "release", String(handle.ref.slurmId));
    expect(await follower.toTheEnd()).toMatchObject({ exitCode: 0 });
  });

  it("checks the partition and the commands", async () => {
    const check = async (settings: SlurmDriverSettings) => (await desk.connect(settings)).check(signal());
    expect(await check({})).toMatchObject({ ok: true });
    expect(await check({ partition: "nope" })).toEqual({
      ok: false,
      because: 'Slurm has no partition "nope". There are: main, spare, shut, closed.',
    });
    expect(await check({ partition: "shut" })).toMatchObject({ ok: false, because: expect.stringContaining('"shut" is down') });
    const path = process.env.PATH;
    process.env.PATH = "/bin";
    try {
      if (existsSync("/bin/sbatch")) process.env.PATH = await onlyTools(desk.folder);
      expect(await check({})).toMatchObject({
        ok: false,
        because: expect.stringMatching(/no sbatch, squeue, scancel, scontrol, sinfo on its PATH/),
      });
    } finally {
      process.env.PATH = path;
    }
  });

  it("tries again later, and says so, when the controller is down", async () => {
    await cluster.stopController();
    try {
      const driver = await desk.connect();
      const bundle = bundleOf({ acts: [{ say: "once" }] });
      const [started, health, status] = await Promise.all([
        driver.start(bundle, signal()).catch((error: Error) => error),
        driver.check(signal()),
        createSlurmCluster({}, desk.site()).status(signal()).catch((error: Error) => error), // biome-ignore format: one line
      ]);
      expect(started).toBeInstanceOf(ComputeUnreachable);
      expect((started as Error).message).toMatch(/Unable to contact slurm controller/);
      expect(health).toMatchObject({ ok: false, because: expect.stringMatching(/controller does not answer/) });
      expect(status).toBeInstanceOf(ComputeUnreachable);
      await cluster.startController();
      const follower = new Follower(driver, await driver.start(bundle, signal()));
      expect(await follower.toTheEnd()).toMatchObject({ exitCode: 0 });
      expect(follower.text(bundle.job.logs.driver)).toBe("once\n");
    } finally {
      if (!(await cluster.run("scontrol", "ping")).includes("UP")) await cluster.startController();
    }
  });

  it("finds the job again when the answer of sbatch was lost", async () => {
    const driver = await desk.connect();
    const bundle = bundleOf({ acts: [{ say: "once" }, { waitFor: gate.path }] });
    const first = await driver.start(bundle, signal());
    // as a crash between sbatch and writing its answer down leaves it
    const own = join(desk.directoryOf(first), ".switchyard");
    unlinkSync(join(own, "slurm-id"));
    expect((await driver.start(bundle, signal())).ref.slurmId).toBe(first.ref.slurmId);
    gate.open();
    const follower = new Follower(driver, first);
    await follower.toTheEnd();
    expect(follower.text(bundle.job.logs.driver)).toBe("once\n");
  });

  it("runs a job once even when Slurm has it twice", async () => {
    const driver = await desk.connect();
    const bundle = bundleOf({ acts: [{ say: "once" }, { waitFor: gate.path }] });
    const handle = await driver.start(bundle, signal());
    const follower = new Follower(driver, handle);
    await follower.toTheStart();
    const directory = desk.directoryOf(handle);
    const twin = await cluster.run(
      "sbatch",
      "--parsable",
      "--wait",
      "--output=/dev/null",
      join(directory, ".switchyard/slurm.sh"),
      "run",
      directory,
    );
    const state = () => cluster.run("squeue", "-h", "--states=all", `--jobs=${twin}`, "-o", "%T");
    await until("Slurm has tidied up after it", async () => (await state()) === "COMPLETED");
    gate.open();
    expect(await follower.toTheEnd()).toMatchObject({ attempt: 1, exitCode: 0 });
    expect(follower.text(bundle.job.logs.driver)).toBe("once\n");
  });

  it("ends as canceled when somebody cancels it in Slurm", async () => {
    const driver = await desk.connect();
    const handle = await driver.start(bundleOf({ acts: [{ waitFor: gate.path }] }), signal());
    const follower = new Follower(driver, handle);
    await follower.toTheStart();
    await cluster.run("scancel", String(handle.ref.slurmId));
    expect(await follower.toTheEnd()).toMatchObject({ because: "canceled" });
    const waiting = await (await desk.connect({ options: ["--hold"] })).start(bundleOf({}), signal());
    await cluster.run("scancel", String(waiting.ref.slurmId));
    expect(await new Follower(driver, waiting).toTheEnd()).toMatchObject({ because: "canceled" });
  });

  it("can be canceled at any moment of its end", async () => {
    for (let round = 0; round < 5; round++) {
      const driver = await desk.connect();
      const end = new Gate();
      const handle = await driver.start(bundleOf({ acts: [{ waitFor: end.path }] }), signal());
      const follower = new Follower(driver, handle);
      await follower.toTheStart();
      end.open();
      // each by a new driver, since a driver does not cancel again at once
      await until("the job has ended", async () => {
        await (await desk.connect()).cancel(handle, 5, signal());
        const [seen] = await driver.observe([{ handle, cursors: [] }], 0, signal());
        return seen?.phase === "exited";
      });
      await follower.toTheEnd();
      end.close();
    }
  });

  it("keeps the run's own time limit, and Slurm's behind it", async () => {
    const driver = await desk.connect();
    const handle = await driver.start(bundleOf({ acts: [{ waitFor: gate.path }], maxSeconds: 0.5 }), signal());
    expect(await cluster.run("squeue", "-h", "--states=all", `--jobs=${String(handle.ref.slurmId)}`, "-o", "%l")).toBe("2:00");
    expect(await new Follower(driver, handle).toTheEnd()).toMatchObject({ because: "time_limit" });
  });

  it("says that a job could not begin when its directory is not on the node's disk", async () => {
    const driver = await desk.connect({ options: ["--nodelist=n1"], settleSeconds: 0 });
    const bundle = bundleOf({});
    const held = await (await desk.connect({ options: ["--hold"] })).start(bundle, signal());
    // Slurm cannot open the job's output file
    const own = join(desk.directoryOf(held), ".switchyard");
    await cluster.run("scontrol", "update", `jobid=${String(held.ref.slurmId)}`, `StdOut=${own}/gone/slurm.txt`);
    await cluster.run("scontrol", "release", String(held.ref.slurmId));
    expect(await new Follower(driver, held).toTheEnd()).toMatchObject({ exitCode: null, because: "not_started" });
  });

  it("does not remove a job that Slurm still has", async () => {
    const driver = await desk.connect({ options: ["--hold"] });
    const handle = await driver.start(bundleOf({}), signal());
    await expect(driver.remove(handle, signal())).rejects.toThrow(Conflict);
    await driver.cancel(handle, 0, signal());
    await new Follower(driver, handle).toTheEnd();
    await driver.remove(handle, signal());
    expect(existsSync(desk.directoryOf(handle))).toBe(false);
  });

  it("says missing only when neither Slurm nor the directory knows of an end", async () => {
    const driver = await desk.connect();
    const handle = await driver.start(bundleOf({ acts: [{ waitFor: gate.path }] }), signal());
    await new Follower(driver, handle).toTheStart();
    const unknown = { ...handle, ref: { ...handle.ref, slurmId: "99999999" } };
    // its processes are seen on this machine
    expect(await new Follower(driver, unknown).look()).toMatchObject({ phase: "running" });
    const elsewhere = join(desk.directoryOf(handle), ".switchyard/attempts/1/pids");
    const pids = readFileSync(elsewhere, "utf8");
    writeFileSync(elsewhere, "999991 1 999992 1 999993 1 of-another-machine\n");
    expect(await new Follower(driver, unknown).look()).toMatchObject({ phase: "missing" });
    expect(await new Follower(driver, handle).look()).toMatchObject({ phase: "running", node: expect.stringMatching(/^n\d$/) });
    writeFileSync(elsewhere, pids);
    gate.open();
    expect(await new Follower(driver, unknown).toTheEnd()).toMatchObject({ exitCode: 0 });
  });

  it("asks Slurm's own cancel when its nodes do not listen", async () => {
    const driver = await desk.connect();
    const handle = await driver.start(bundleOf({ script: "exec sleep 100" }), signal());
    const follower = new Follower(driver, handle);
    await follower.toTheStart();
    writeFileSync(join(desk.directoryOf(handle), ".switchyard/cancel"), "1000 5\n"); // asked long ago
    await driver.cancel(handle, 5, signal());
    expect(await follower.toTheEnd()).toMatchObject({ because: "canceled" });
    const state = () => cluster.run("squeue", "-h", "--states=all", `--jobs=${String(handle.ref.slurmId)}`, "-o", "%T");
    await until("Slurm calls it canceled", async () => (await state()) === "CANCELLED");
  });

  it("names Slurm's time limit as the reason when that comes first", async () => {
    expect(await until("it has ended", async () => over(await limited.follower.look()), 150_000)).toMatchObject({ because: "time_limit" });
    expect(limited.follower.text("azureml-logs/60_control_log.txt")).toContain("Stopping the job (time_limit)");
  }, 200_000);
});

const over = (seen: Awaited<ReturnType<Follower["look"]>>) => seen.phase === "exited" && seen.grown.length === 0 && seen;

/** A folder that has what a shell needs and none of Slurm's commands. */
async function onlyTools(folder: string): Promise<string> {
  const { mkdirSync, symlinkSync } = await import("node:fs");
  const tools = join(folder, "tools");
  mkdirSync(tools);
  for (const name of ["sh", "env", "tar", "setsid", "python3"]) {
    const from = ["/usr/bin", "/bin"].map((each) => join(each, name)).find((each) => existsSync(each));
    if (from !== undefined) symlinkSync(from, join(tools, name));
  }
  return tools;
}
