// What becomes of a web service, as pure functions over what was seen.
import type { Observation } from "@switchyard/compute";
import type { ServingTold } from "@switchyard/protocol";
import type { ServiceRecord } from "@switchyard/store";
import { describe, expect, it } from "vitest";
import { afterDeleted, afterLooking, beginAnew, beginStart, giveUp, leaveJob, placed } from "../src/services/states.ts";

const t = (seconds: number) => new Date(Date.UTC(2026, 10, 27) + seconds * 1000);
const NEW = {
  ...{ id: "service-digits-1", workspace: "default", name: "digits", instance: "here", environment: null, description: null },
  ...{
    definition: { inference: {}, deployment: {}, models: [] },
    tags: {},
    properties: {},
    sealed: null,
    state: "Transitioning",
    error: null,
  },
  ...{ starts: 0, jobId: null, handle: null, port: null, wasHealthy: false, healthySince: null, failures: 0, retryAt: null, left: [] },
  ...{ cursors: [], createdBy: null, createdAt: t(0), modifiedAt: t(0), deletedAt: null, version: 1 },
} as unknown as ServiceRecord;
const HANDLE = { driver: "local" };
const seen = (phase: Observation["phase"], more: object = {}) => ({ jobId: "x", attempt: 1, grown: [], phase, ...more }) as Observation;
const look = (service: ServiceRecord, observation: Observation, told: ServingTold[] = [], at = 0, answers: boolean | null = null) =>
  afterLooking(service, { observation, told, answers }, t(at));

const started = placed(beginStart(NEW), HANDLE);
const READY: ServingTold[] = [{ kind: "listening", port: 4711 }, { kind: "ready" }];
const healthy = look(started, seen("running"), READY, 10);

describe("a start", () => {
  it("is a new job each time, whose logs are its own", () => {
    expect(started).toMatchObject({ starts: 1, jobId: "service-digits-1~1", handle: HANDLE, state: "Transitioning" });
    const again = beginStart({ ...leaveJob(started), cursors: [{ attempt: 1, file: "f", offset: 3 }] });
    expect(again).toMatchObject({ starts: 2, jobId: "service-digits-1~2", handle: null, cursors: [] });
    expect(again.left).toEqual([{ jobId: "service-digits-1~1", handle: HANDLE }]);
  });

  it("waits while its environment is prepared, knows its port before it is ready, and then is healthy", () => {
    expect(look(started, seen("waiting"))).toBe(started);
    expect(look(started, seen("running"), READY.slice(0, 1))).toMatchObject({ state: "Transitioning", port: 4711 });
    expect(healthy).toMatchObject({ state: "Healthy", port: 4711, wasHealthy: true, healthySince: t(10) });
  });

  it("that never worked fails for good, with the words of the process although they came earlier than its end", () => {
    const told = look(started, seen("running"), [{ kind: "failed", code: "InitFailed", message: "no weights" }]);
    expect(told.state).toBe("Transitioning");
    const failed = look(told, seen("exited", { exitCode: 1 }));
    expect(failed).toMatchObject({ state: "Failed", error: { code: "InitFailed", message: "no weights" }, jobId: null });
    expect(failed.left).toHaveLength(1);
  });

  it.each([
    [seen("exited", { exitCode: 7 }), "ExitCode"],
    [seen("exited", { exitCode: null, because: "environment_failed" }), "EnvironmentFailed"],
    [seen("exited", { exitCode: null, because: "out_of_memory" }), "OutOfMemory"],
    [seen("missing"), "JobLost"],
  ])("says what ended it when the process said nothing: %#", (observation, code) => {
    expect(look(started, observation)).toMatchObject({ state: "Failed", error: { code } });
  });

  it("that the driver will not have fails", () => {
    expect(giveUp(started, { code: "JobRejected", message: "no" }, t(1))).toMatchObject({ state: "Failed", jobId: null, left: [{}] });
  });
});

describe("a healthy service", () => {
  it("is unhealthy when it does not answer, and healthy when it does again", () => {
    const silent = look(healthy, seen("running"), [], 20, false);
    expect(silent).toMatchObject({ state: "Unhealthy", error: { code: "NotResponding" } });
    expect(look(silent, seen("running"), [], 21, false)).toBe(silent);
    expect(look(silent, seen("running"), [], 22, true)).toMatchObject({ state: "Healthy", error: null });
    expect(look(healthy, seen("running"), [], 22, null)).toBe(healthy);
  });

  it("is started again when it dies, later each time, and given up when it dies every time", () => {
    let service = healthy;
    const pauses: number[] = [];
    for (let at = 20; service.state !== "Failed" && at < 200; at += 10) {
      service = look(service, seen("exited", { exitCode: 3 }), [], at);
      if (service.retryAt !== null) pauses.push((service.retryAt.getTime() - t(at).getTime()) / 1000);
      if (service.state !== "Failed") service = look(placed(beginStart(service), HANDLE), seen("running"), READY, at + 1);
    }
    expect(pauses).toEqual([0.5, 1, 2, 4, 8]);
    expect(service).toMatchObject({ state: "Failed", error: { code: "ExitCode", message: expect.stringContaining("6 times in a row") } });
  });

  it("that lived for long is not given up for the deaths of then", () => {
    const worn = { ...healthy, failures: 5 };
    expect(look(worn, seen("exited", { exitCode: 3 }), [], 100)).toMatchObject({ state: "Transitioning", failures: 1 });
  });

  it("dies of what ended it, not of what was wrong before", () => {
    const silent = look(healthy, seen("running"), [], 20, false);
    expect(look(silent, seen("exited", { exitCode: 9 }), [], 21)).toMatchObject({ error: { code: "ExitCode" } });
  });
});

it("another definition begins a service anew, and a deleted one leaves its job to be ended", () => {
  expect(beginAnew({ ...healthy, failures: 3 }, t(50))).toMatchObject({
    ...{
      state: "Transitioning",
      wasHealthy: false,
      failures: 0,
      jobId: null,
      error: null,
      port: 4711,
      left: [{ jobId: "service-digits-1~1" }],
    },
  });
  expect(afterDeleted(healthy, t(50))).toMatchObject({ deletedAt: t(50), jobId: null, left: [{ handle: HANDLE }] });
});
