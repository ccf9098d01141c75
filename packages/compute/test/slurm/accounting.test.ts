import type { ComputeDriver, JobHandle, Observation } from "@switchyard/compute";
import { bundleOf, Follower, until } from "@switchyard/compute/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { SlurmLab } from "../../src/testing/slurm/index.ts";
import { SlurmDesk } from "../slurmDesk.ts";

let cluster: SlurmLab;
beforeAll(async () => {
  cluster = await SlurmLab.start({ accounting: true, nodes: 1 });
}, 120_000);
afterAll(() => cluster?.close());

describe("a job that Slurm's controller has forgotten", () => {
  let desk: SlurmDesk;
  let driver: ComputeDriver;
  beforeEach(async () => {
    desk = new SlurmDesk(cluster);
    driver = await desk.connect();
  });
  afterEach(() => desk.close());
  const signal = () => AbortSignal.timeout(50_000);

  /** As after the time that Slurm keeps a job, or when its controller lost its files. */
  const forgetAll = async () => {
    await cluster.stopController();
    await cluster.startController("-c");
    await cluster.whenNodes("idle");
  };

  /** A job that never wrote anything, since it was canceled in Slurm before it began. */
  const canceledInSlurm = async (): Promise<JobHandle> => {
    const handle = await (await desk.connect({ options: ["--hold"] })).start(bundleOf({}), signal());
    const slurmId = String(handle.ref.slurmId);
    await cluster.run("scancel", slurmId);
    await until("accounting knows", async () =>
      (await cluster.run("sacct", "-X", "-n", "-P", "-j", slurmId, "-o", "State")).startsWith("CANCELLED"),
    );
    await forgetAll();
    return handle;
  };

  it("is known by accounting, with the reason", async () => {
    const handle = await canceledInSlurm();
    expect(await new Follower(driver, handle).toTheEnd()).toMatchObject({ because: "canceled" });
  });

  it("is missing when accounting does not answer either, and found again when it does", async () => {
    const handle = await canceledInSlurm();
    await cluster.stopAccounting();
    const began = performance.now();
    expect(await new Follower(driver, handle).look()).toMatchObject({ phase: "missing" });
    expect(performance.now() - began).toBeLessThan(25_000);
    await cluster.startAccounting();
    // a driver that has just seen accounting fail lets it rest for a while
    expect(await new Follower(await desk.connect(), handle).toTheEnd()).toMatchObject({ because: "canceled" });
  });

  it("does not wait for ever when the controller lost its files, nor takes another's job for its own", async () => {
    const handle = await (await desk.connect({ options: ["--hold"] })).start(bundleOf({}), signal());
    const slurmId = String(handle.ref.slurmId);
    await until("accounting knows", async () => (await cluster.run("sacct", "-X", "-n", "-P", "-j", slurmId, "-o", "State")) === "PENDING");
    await forgetAll();
    // numbers are given out from 1 again
    for (let id = 0; id < Number(slurmId); id += 1) await cluster.run("sbatch", "--hold", "--wrap=true");
    const seen = await until("it is over", async () => over(await new Follower(driver, handle).look()));
    expect(["missing", "exited"]).toContain(seen.phase);
    await cluster.run("scancel", "--user=root");
  });

  it("keeps its end, which lies in its directory, whatever Slurm and accounting say", async () => {
    const handle = await driver.start(bundleOf({ acts: [{ exit: 5 }] }), signal());
    await new Follower(driver, handle).toTheEnd();
    await forgetAll();
    await cluster.stopAccounting();
    expect(await new Follower(driver, handle).toTheEnd()).toMatchObject({ exitCode: 5 });
    await cluster.startAccounting();
  });
});

const over = (seen: Observation) => (seen.phase === "exited" || seen.phase === "missing") && seen;
