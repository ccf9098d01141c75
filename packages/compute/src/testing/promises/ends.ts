import { expect, it } from "vitest";
import { bundleOf } from "../bundle.ts";
import type { DriverTest } from "../describeDriver.ts";
import { Follower } from "../follow.ts";

/** What a driver promises about how jobs end, are canceled and are removed. */
export function promiseEnds(test: DriverTest): void {
  it.each([0, 1, 7, 255])("brings home exit code %i", async (code) => {
    const seen = await (await test.follow(bundleOf({ acts: [{ exit: code }] }))).toTheEnd();
    expect(seen.exitCode).toBe(code);
    expect(seen.because).toBeUndefined();
  });

  it.each(["TERM", "KILL"] as const)("names the signal %s that ended a script", async (dieOf) => {
    const seen = await (await test.follow(bundleOf({ acts: [{ dieOf }] }))).toTheEnd();
    expect(seen).toMatchObject({ exitCode: null, because: `signal ${dieOf}` });
  });

  it("cancels a job that runs", async () => {
    const handle = await test.start(bundleOf({ acts: [{ say: "before" }, { waitFor: test.gate.path }, { say: "after" }] }));
    const follower = new Follower(test.driver, handle);
    await follower.toTheStart();
    await test.driver.cancel(handle, 1, test.signal);
    expect(await follower.toTheEnd()).toMatchObject({ because: "canceled" });
    expect(follower.text("azureml-logs/80_driver_log.txt")).not.toContain("after");
  });

  it("cancels a job that was started a moment ago", async () => {
    const handle = await test.start(bundleOf({ acts: [{ waitFor: test.gate.path }] }));
    await test.driver.cancel(handle, 1, test.signal);
    expect(await new Follower(test.driver, handle).toTheEnd()).toMatchObject({ because: "canceled" });
  });

  it("takes a second cancel, and one of a job that has ended or is gone", async () => {
    const handle = await test.start(bundleOf({ acts: [{ waitFor: test.gate.path }] }));
    const follower = new Follower(test.driver, handle);
    await follower.toTheStart();
    await Promise.all([test.driver.cancel(handle, 1, test.signal), test.driver.cancel(handle, 1, test.signal)]);
    await follower.toTheEnd();
    await test.driver.cancel(handle, 1, test.signal);
    expect(await follower.look()).toMatchObject({ phase: "exited", because: "canceled" });
    await test.driver.remove(handle, test.signal);
    await test.driver.cancel(handle, 1, test.signal);
  });

  it("does not turn an end into a cancel that came too late", async () => {
    const handle = await test.start(bundleOf({ acts: [{ exit: 3 }] }));
    const follower = new Follower(test.driver, handle);
    await follower.toTheEnd();
    await test.driver.cancel(handle, 1, test.signal);
    const seen = await follower.look();
    expect(seen).toMatchObject({ phase: "exited", exitCode: 3 });
  });

  it("removes a job, and takes a second remove", async () => {
    const handle = await test.start(bundleOf({ acts: [] }));
    const follower = new Follower(test.driver, handle);
    await follower.toTheEnd();
    await test.driver.remove(handle, test.signal);
    await test.driver.remove(handle, test.signal);
    expect(await follower.look()).toMatchObject({ phase: "missing", grown: [] });
  });
}
