import type { JobHandle } from "@switchyard/compute";
import { bundleOf, describeDriver, FAKE_FEATURES, FakeCompute, FakeDriver } from "@switchyard/compute/testing";
import { ComputeUnreachable } from "@switchyard/protocol";
import { describe, expect, it } from "vitest";

describeDriver(
  "fake",
  async () => {
    const compute = new FakeCompute();
    return {
      connect: async () => new FakeDriver(compute),
      cut: async () => {
        compute.unreachable = true;
        return async () => {
          compute.unreachable = false;
        };
      },
      close: async () => {},
    };
  },
  FAKE_FEATURES,
);

const signal = AbortSignal.timeout(30_000);
const watch = (handle: JobHandle) => [{ handle, cursors: [] }];

describe("the fake compute", () => {
  it("leaves a job without acts to the test", async () => {
    const compute = new FakeCompute();
    const driver = new FakeDriver(compute);
    const handle = await driver.start(bundleOf({ id: "a" }), signal);
    expect(await driver.observe(watch(handle), 1000, signal)).toMatchObject([{ phase: "waiting", attempt: 0 }]);
    compute.job("a").run().say("hello");
    expect(await driver.observe(watch(handle), 1000, signal)).toMatchObject([{ phase: "running", attempt: 1 }]);
    compute.job("a").exit(3);
    expect(await driver.observe(watch(handle), 1000, signal)).toMatchObject([{ phase: "exited", exitCode: 3 }]);
  });

  it("can lose the answer of a start that worked", async () => {
    const compute = new FakeCompute();
    const driver = new FakeDriver(compute);
    compute.loseAnswers("start");
    const bundle = bundleOf({ id: "a" });
    await expect(driver.start(bundle, signal)).rejects.toThrow(ComputeUnreachable);
    await driver.start(bundle, signal);
    expect(compute.job("a").starts).toBe(2);
  });

  it("hangs until it is released, and lets go of a caller that gives up", async () => {
    const compute = new FakeCompute();
    const driver = new FakeDriver(compute);
    const release = compute.hang("check");
    const impatient = new AbortController();
    const given = driver.check(impatient.signal);
    const patient = driver.check(signal);
    impatient.abort(new Error("gave up"));
    await expect(given).rejects.toThrow("gave up");
    release();
    expect(await patient).toEqual({ ok: true });
  });

  it("lies, vanishes and is unreachable when told to", async () => {
    const compute = new FakeCompute();
    const driver = new FakeDriver(compute);
    const handle = await driver.start(bundleOf({ id: "a" }), signal);
    compute.lies.set("a", { jobId: "a", attempt: 9, grown: [], phase: "running" });
    expect(await driver.observe(watch(handle), 1000, signal)).toMatchObject([{ attempt: 9 }]);
    compute.lies.clear();
    compute.job("a").vanish();
    expect(await driver.observe(watch(handle), 1000, signal)).toMatchObject([{ phase: "missing" }]);
    compute.unreachable = true;
    await expect(driver.observe(watch(handle), 1000, signal)).rejects.toThrow(ComputeUnreachable);
  });
});
