// Sweeps on engines and a compute that a test plays: which targets are refused, what happens when trials cannot be submitted, and
// two servers.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ACTS_VARIABLE, type Act } from "@switchyard/compute/testing";
import {
  COMPUTE_KIND_NAMES,
  COMPUTE_KINDS,
  type ComputeKindName,
  computeKind,
  type JsonObject,
  type SweepSubmission,
} from "@switchyard/protocol";
import type { RunRecord } from "@switchyard/store";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Engine, localTarget, type Target, type TargetCatalog } from "../../src/index.ts";
import { World } from "../support/world.ts";

let world: World;
beforeEach(async () => {
  world = await World.make();
});
afterEach(() => world.close());

const ENDS: readonly Act[] = [{ exit: 0 }];

/** Waits until a trial is there and stands as asked. */
async function trial(id: string, state: RunRecord["state"]): Promise<void> {
  await vi.waitFor(async () => expect((await world.store.runs.get(id))?.state).toBe(state), { timeout: 30_000, interval: 20 });
}

async function submission(
  target = "local",
  more: JsonObject = {},
  acts: readonly Act[] = ENDS,
  configuration: JsonObject = {},
): Promise<SweepSubmission> {
  const environmentVariables = { [ACTS_VARIABLE]: JSON.stringify(acts) };
  return {
    ...(await world.submission({ target, environmentVariables, ...configuration })),
    rules: "own",
    generates: true,
    sweep: {
      sampling: { type: "random", seed: 1, parameter_space: [{ name: "x", expression: "uniform", values: [0, 1] }] },
      primary_metric_name: "score",
      primary_metric_goal: "maximize",
      max_total_runs: 6,
      max_concurrent_runs: 2,
      ...more,
    },
  };
}
const submit = async (engine: Engine, asked: SweepSubmission) => (await engine.submitSweep("default", asked, { submittedBy: "ada" })).id;

/** Targets that a test takes away. */
class Targets implements TargetCatalog {
  readonly all = new Map<string, Target>();
  constructor(...targets: readonly Target[]) {
    for (const target of targets) this.all.set(target.name, target);
  }
  get = (_: string, name: string) => this.all.get(name.toLowerCase());
  list = () => [...this.all.values()];
}
const ofKind = (kind: ComputeKindName): Target => ({
  ...localTarget(10),
  name: `my-${kind}`,
  type: kind,
  capabilities: COMPUTE_KINDS[kind].capabilities,
});
const kindsThat = (tune: boolean) =>
  COMPUTE_KIND_NAMES.filter((kind) => Boolean(computeKind(kind).capabilities.hyperparameterTuning) === tune);

describe("targets", () => {
  it("that the capability matrix leaves out are refused with the reason, and nothing is made", async () => {
    expect(kindsThat(false)).toEqual(["hdinsight", "databricks", "adla", "batch", "datafactory", "aks", "containerinstance"]);
    const engine = world.engine({}, { targets: new Targets(localTarget(10), ...kindsThat(false).map(ofKind)) });
    const refusal = async (asked: Promise<SweepSubmission>) => await submit(engine, await asked).then(() => "taken", (error: Error) => error); // biome-ignore format: one line
    for (const kind of kindsThat(false)) {
      const error = await refusal(submission(`my-${kind}`));
      expect(error).toMatchObject({ code: "job_rejected", details: { feature: "hyperparameter tuning", target: `my-${kind}` } });
      expect((error as Error).message).toMatch(
        new RegExp(`"my-${kind}" \\(${kind}\\) does not support .*Send the sweep to a managed cluster`),
      );
      const elsewhere = submission("local", {}, ENDS, { restart: { elsewhere: [`my-${kind}`] } });
      expect(await refusal(elsewhere)).toMatchObject({ code: "job_rejected", details: { target: `my-${kind}` } });
    }
    for (const own of ["amlcompute", "AmlCompute", "containerinstance"])
      expect(await refusal(submission(own))).toMatchObject({ code: "job_rejected", details: { target: own } });
    expect(await refusal(submission("my-clustr"))).toMatchObject({ code: "unknown_target" });
    expect(await refusal(submission("local", { resume_from: ["HD_none"] }))).toMatchObject({ code: "not_found" });
    expect(await world.store.sweeps.open()).toEqual([]);
    expect(await world.store.runs.list("default", { order: "created", includeChildren: true, limit: 10 })).toMatchObject({ items: [] });
    expect(await world.store.environments.list("default")).toEqual([]);
  });

  it.each(kindsThat(true))("of the kind %s are taken", async (kind) => {
    const engine = world.engine({}, { targets: new Targets(ofKind(kind)) });
    const id = await submit(engine, await submission(`my-${kind}`, { max_total_runs: 1 }));
    await world.ended(id);
    expect(await world.run(`${id}_0`)).toMatchObject({ target: `my-${kind}`, outcome: "succeeded" });
  });

  it("that are gone, or take sweeps no more, leave a sweep that is over as it is", async () => {
    const targets = new Targets(localTarget(10));
    const engine = world.engine({}, { targets });
    const id = await submit(engine, await submission("local", { max_total_runs: 1 }));
    await world.until(id, ({ state, removedAt }) => state === "ended" && removedAt !== null);
    const before = await world.run(id);
    const extended = () => engine.reopenSweep(id, { maxTotalRuns: 2 }, "ada");
    targets.all.delete("local");
    await expect(extended()).rejects.toThrow(/no compute target "local"/);
    targets.all.set("local", { ...ofKind("hdinsight"), name: "local" });
    await expect(extended()).rejects.toThrow(/does not support hyperparameter tuning/);
    targets.all.set("local", { ...localTarget(10), failedBecause: "It could not be made." });
    await expect(extended()).rejects.toThrow(/It could not be made/);
    expect(await world.run(id)).toEqual(before);
    targets.all.set("local", localTarget(10));
    await extended();
    await world.ended(id);
    expect(await world.run(`${id}_1`)).toMatchObject({ outcome: "succeeded" });
  });

  it("that are gone when a trial's turn comes end the sweep, which says so", async () => {
    const targets = new Targets(localTarget(10));
    const engine = world.engine({}, { targets });
    const gate = join(world.folder, "gate");
    const id = await submit(engine, await submission("local", { max_concurrent_runs: 1 }, [{ waitFor: gate }, { exit: 0 }]));
    await trial(`${id}_0`, "running");
    targets.all.delete("local");
    await writeFile(gate, "");
    const parent = await world.ended(id);
    expect(parent).toMatchObject({ outcome: "failed", error: { code: "TrialsNotSubmitted" } });
    expect(parent.error?.message).toContain('There is no compute target "local"');
  });
});

describe("two servers", () => {
  it("drive a sweep one after the other: every trial is made once", async () => {
    const first = world.engine({ leaseSeconds: 1 }, { instance: "server-1" });
    const second = world.engine({ leaseSeconds: 1 }, { instance: "server-2" });
    const id = await submit(first, await submission("local", { max_total_runs: 12, max_concurrent_runs: 2 }));
    await trial(`${id}_1`, "ended");
    await first.stop();
    const parent = await world.ended(id);
    expect(parent.outcome).toBe("failed"); // none of them logs the metric
    expect(await world.store.runs.children(id)).toHaveLength(12);
    const sweep = await second.sweep(id);
    expect(sweep.trials.map(({ state }) => state)).toEqual(Array(12).fill("finished"));
    expect(await second.replaySweep(id)).toMatchObject({ identical: true, suggestions: 12 });
  });

  it("may both be told what somebody wishes: whoever drives the sweep does it", async () => {
    const first = world.engine({}, { instance: "server-1" });
    const id = await submit(first, await submission("local", { max_total_runs: 1000, max_concurrent_runs: 1 }));
    const second = world.engine({}, { instance: "server-2" });
    await trial(`${id}_0`, "ended");
    await second.stopSweep(id, true, "ada");
    await world.ended(id);
    const sweep = await second.sweep(id);
    expect(sweep.closed).toMatchObject({ because: "stopped", detail: "The sweep was stopped by ada." });
    expect(sweep.trials.length).toBeLessThan(1000);
  });
});

it("what is suggested to somebody has its run, also when the server died before it made that", async () => {
  const engine = await world.engine();
  const id = await submit(engine, { ...(await submission()), generates: false });
  const lent = { kind: "suggested", count: 1, exhausted: false, isLent: true };
  const entry = { ...lent, trials: [{ trial: 0, ordinal: 0, values: { x: 0.5 }, branches: {}, because: { sampler: "random" } }] };
  const saved = await world.store.sweeps.append(id, { after: 1, entries: [entry], at: new Date(), holder: null });
  expect(saved).toBe(true);
  await trial(`${id}_0`, "running");
  expect(await world.store.runs.get(`${id}_0`)).toMatchObject({ parentId: id, launches: 0, type: "azureml.childrun" });
  await engine.endInteractive(`${id}_0`, { status: "Completed" });
  await vi.waitFor(async () => expect((await engine.sweep(id)).trials[0]).toMatchObject({ state: "finished", origin: "lent" }));
});

it("is never shown as over with trials that go on, however it ends while it is read", async () => {
  const gate = join(world.folder, "gate");
  const id = await submit(
    world.engine({}, { instance: "server-1" }),
    await submission("local", { max_total_runs: 2 }, [{ waitFor: gate }, { exit: 0 }]),
  );
  await trial(`${id}_1`, "running");
  const reader = world.engine({}, { instance: "server-2" });
  const entries = world.store.sweeps.entries.bind(world.store.sweeps);
  const reading = vi.spyOn(world.store.sweeps, "entries").mockImplementationOnce(async (...asked) => {
    const before = await entries(...asked);
    await writeFile(gate, "");
    await world.ended(id);
    return before;
  });
  const meanwhile = await reader.sweep(id);
  reading.mockRestore();
  expect(meanwhile).toMatchObject({ status: "Running", endTimeUtc: null, counts: { finished: 0 } });
  expect(await reader.sweep(id)).toMatchObject({ endTimeUtc: expect.any(String), counts: { finished: 2 } });
});
