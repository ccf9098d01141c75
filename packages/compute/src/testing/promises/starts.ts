import { ComputeUnreachable } from "@switchyard/protocol";
import { expect, it } from "vitest";
import type { JobHandle } from "../../contract.ts";
import { bundleOf } from "../bundle.ts";
import type { DriverTest } from "../describeDriver.ts";
import { Follower } from "../follow.ts";

/** What a driver promises about starting jobs and finding them again. */
export function promiseStarts(test: DriverTest): void {
  it("says that the compute can take jobs", async () => {
    expect(await test.driver.check(test.signal)).toMatchObject({ ok: true });
  });

  it("runs a job once however often it is started", async () => {
    const bundle = bundleOf({ acts: [{ say: "once" }, { waitFor: test.gate.path }] });
    const handles = [await test.start(bundle), await test.start(bundle), await (await test.lab.connect()).start(bundle, test.signal)];
    expect(new Set(handles.map((handle) => handle.jobId)).size).toBe(1);
    test.gate.open();
    const follower = new Follower(test.driver, handles[2] as JobHandle);
    await follower.toTheEnd();
    expect(follower.text(bundle.job.logs.driver)).toBe("once\n");
    expect(follower.files.every((file) => file.startsWith("1/"))).toBe(true);
  });

  it("runs a job once when two processes start it at the same time", async () => {
    const bundle = bundleOf({ acts: [{ say: "once" }], files: { "big.bin": new Uint8Array(100_000) } });
    const others = await Promise.all([1, 2, 3].map(() => test.lab.connect()));
    const handles = await Promise.all([test.start(bundle), ...others.map((driver) => driver.start(bundle, test.signal))]);
    const follower = new Follower(test.driver, handles[1] as JobHandle);
    await follower.toTheEnd();
    expect(follower.text(bundle.job.logs.driver)).toBe("once\n");
  });

  it("does not run a job again that has ended", async () => {
    const bundle = bundleOf({ acts: [{ say: "once" }, { exit: 4 }] });
    await (await test.follow(bundle)).toTheEnd();
    const again = await test.follow(bundle);
    expect(await again.toTheEnd()).toMatchObject({ phase: "exited", exitCode: 4, attempt: 1 });
    expect(again.text(bundle.job.logs.driver)).toBe("once\n");
  });

  it("lets a new process follow a job that an old one started", async () => {
    const handle = await test.start(bundleOf({ acts: [{ waitFor: test.gate.path }, { exit: 7 }] }));
    const stored = JSON.parse(JSON.stringify(handle)) as JobHandle;
    test.gate.open();
    const follower = new Follower(await test.lab.connect(), stored);
    expect(await follower.toTheEnd()).toMatchObject({ phase: "exited", exitCode: 7 });
  });

  it("counts attempts from the number that the job says", async () => {
    const follower = await test.follow(bundleOf({ acts: [{ say: "third" }], firstAttempt: 3 }));
    expect(await follower.toTheEnd()).toMatchObject({ attempt: 3, exitCode: 0 });
  });

  it("says unreachable, not missing, when the compute does not answer", async () => {
    const follower = await test.follow(bundleOf({ acts: [{ waitFor: test.gate.path }] }));
    await follower.toTheStart();
    const mend = await test.lab.cut();
    await expect(follower.look()).rejects.toThrow(ComputeUnreachable);
    await mend();
    expect(await follower.look()).toMatchObject({ phase: "running" });
  });

  it("finds a job again whose handle nobody has, and none that was never started", async () => {
    if (test.driver.find === undefined) return;
    const handle = await test.start(bundleOf({ acts: [{ waitFor: test.gate.path }] }));
    expect(await test.driver.find(handle.jobId, test.signal)).toEqual(handle);
    expect(await test.driver.find(`${handle.jobId}-not`, test.signal)).toBeNull();
  });

  it("says missing when the job was removed, and only about that job", async () => {
    const gone = await test.start(bundleOf({ acts: [] }));
    await new Follower(test.driver, gone).toTheEnd();
    const kept = await test.start(bundleOf({ acts: [{ exit: 1 }] }));
    await new Follower(test.driver, kept).toTheEnd();
    await test.driver.remove(gone, test.signal);
    const watched = [gone, kept].map((handle) => ({ handle, cursors: [] }));
    expect(await test.driver.observe(watched, 0, test.signal)).toMatchObject([{ phase: "missing" }, { phase: "exited" }]);
  });

  it("looks at many jobs in one call and keeps their order", async () => {
    const handles: JobHandle[] = [];
    for (let code = 0; code < 8; code += 1) handles.push(await test.start(bundleOf({ acts: [{ exit: code }] })));
    for (const handle of handles) await new Follower(test.driver, handle).toTheEnd();
    const seen = await test.driver.observe(
      handles.map((handle) => ({ handle, cursors: [] })),
      1_000_000,
      test.signal,
    );
    expect(seen.map((each) => each.jobId)).toEqual(handles.map((handle) => handle.jobId));
    expect(seen.map((each) => each.phase === "exited" && each.exitCode)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it("looks at no jobs without complaint", async () => {
    expect(await test.driver.observe([], 1000, test.signal)).toEqual([]);
  });

  it("wakes who listens when the job ends", async () => {
    if (test.driver.listen === undefined) return;
    const rung: string[] = [];
    let resolve = () => {};
    const woken = new Promise<void>((done) => {
      resolve = done;
    });
    const stop = test.driver.listen((jobId) => {
      rung.push(jobId);
      resolve();
    });
    const bundle = bundleOf({ acts: [{ exit: 0 }] });
    await test.start(bundle);
    await woken;
    stop();
    expect(rung).toContain(bundle.id);
  });

  it("gives up when it is told to", async () => {
    const given = AbortSignal.abort(new Error("told to stop"));
    await expect(test.driver.start(bundleOf({ acts: [] }), given)).rejects.toThrow("told to stop");
  });
}
