import type { NodePhase, SeenNode } from "@switchyard/compute";
import type { NodeRecord, RunStanding } from "@switchyard/store";
import { describe, expect, it } from "vitest";
import { Allocations, completeJobs } from "../../src/clusters/allocations.ts";
import { afterSeeing } from "../../src/clusters/driving/afterSeeing.ts";
import { afterVacating, givenBack } from "../../src/clusters/driving/tenancy.ts";

const THEN = new Date("2026-11-27T10:00:00Z");
const NOW = new Date("2026-11-27T10:01:00Z");
const node = (fields: Partial<NodeRecord> = {}): NodeRecord => ({
  id: "n1",
  computeId: "c",
  workspace: "default",
  vmPriority: "dedicated",
  cores: 2,
  state: "idle",
  since: THEN,
  because: null,
  runId: null,
  jobId: null,
  place: null,
  hold: null,
  address: { privateIp: null, publicIp: null, sshPort: null },
  variables: {},
  createdAt: THEN,
  version: 1,
  ...fields,
});
const given = (id: string, runId: string, jobId = runId, fields: Partial<NodeRecord> = {}) =>
  node({ id, state: "running", runId, jobId, place: 0, hold: "given", ...fields });
const seen = (phase: NodePhase, because: string | null = null): SeenNode => ({
  id: "n1",
  cluster: "c",
  phase,
  because,
  jobs: [],
  address: { privateIp: "127.0.0.1", publicIp: null, sshPort: null },
  variables: { TMPDIR: "/tmp/n1" },
});
const run = (id: string, fields: Partial<RunStanding> = {}): RunStanding => ({
  id,
  number: 1,
  state: "queued",
  jobId: null,
  launches: 0,
  submittedBy: "me",
  version: 1,
  createdAt: THEN,
  startedAt: null,
  cancelRequested: false,
  toBeStopped: [],
  ...fields,
});
const runs = (...all: RunStanding[]) => new Map(all.map((each) => [each.id, each]));

describe("what became of a node", () => {
  it.each([
    ["preparing", "ready", "idle"],
    ["preparing", "preparing", "preparing"],
    ["preparing", "failed", "unusable"],
    ["preparing", "lost", "unusable"],
    ["preparing", "preempted", "preempted"],
    ["idle", "ready", "idle"],
    ["idle", "leaving", "preempted"],
    ["idle", "lost", "leaving"],
    ["idle", "ended", "leaving"],
    ["running", "leaving", "running"],
    ["running", "preempted", "preempted"],
    ["running", "lost", "unusable"],
    ["leaving", "ready", "leaving"],
    ["unusable", "ready", "unusable"],
  ] as const)("%s, seen %s, is %s", (state, phase, next) => {
    const was = node({ state });
    const now = afterSeeing(was, seen(phase), NOW);
    expect(now.state).toBe(next);
    expect(now.since).toBe(next === state ? THEN : NOW);
  });

  it("is noted with its address and variables once it is ready", () => {
    expect(afterSeeing(node({ state: "preparing", because: "x" }), seen("ready"), NOW)).toMatchObject({
      because: null,
      address: { privateIp: "127.0.0.1" },
      variables: { TMPDIR: "/tmp/n1" },
    });
  });

  it("without a trace: one that is yet to be made is made again, an idle one goes, a job's is broken", () => {
    const preparing = node({ state: "preparing" });
    expect(afterSeeing(preparing, undefined, NOW)).toBe(preparing);
    expect(afterSeeing(node(), undefined, NOW)).toMatchObject({ state: "leaving", because: "it is gone" });
    expect(afterSeeing(given("n1", "r"), undefined, NOW)).toMatchObject({ state: "unusable", runId: "r" });
  });
});

describe("nodes that runs give back", () => {
  const back = (nodes: NodeRecord[], ...all: RunStanding[]) => givenBack(nodes, runs(...all)).nodes.map(({ id }) => id);

  it("are kept from the moment they are given until the run has ended, or stands in line for its next job", () => {
    const nodes = [given("n1", "r")];
    expect(back(nodes, run("r"))).toEqual([]);
    for (const state of ["starting", "running", "collecting"] as const) {
      expect(back(nodes, run("r", { state, jobId: "r", launches: 1 }))).toEqual([]);
    }
    expect(back(nodes, run("r", { state: "ended", jobId: "r", launches: 1 }))).toEqual(["n1"]);
    expect(back(nodes, run("r", { launches: 1 }))).toEqual(["n1"]); // the next job is r~2
    expect(back([given("n1", "r", "r~2")], run("r", { launches: 1 }))).toEqual([]);
    expect(back(nodes)).toEqual(["n1"]); // nobody knows the run any more
    expect(back([given("n1", "r", "r", { hold: "freeing" })])).toEqual([]); // under way
  });

  it("are kept while a job that was given up may still run on them", () => {
    expect(back([given("n1", "r")], run("r", { launches: 1, toBeStopped: ["r"] }))).toEqual([]);
    expect(back([given("n1", "r")], run("r", { state: "ended", jobId: "r", launches: 1, toBeStopped: ["r"] }))).toEqual([]);
  });

  it("are taken from a run that has not begun when one of them is gone, with the run's version; not from one that has", () => {
    const nodes = [given("n1", "r"), given("n2", "r", "r", { state: "unusable" }), given("n3", "other")];
    const waiting = run("r", { version: 7 });
    expect(givenBack(nodes, runs(waiting, run("other")))).toMatchObject({ nodes: [{ id: "n1" }, { id: "n2" }], from: [{ version: 7 }] });
    expect(back(nodes, run("r", { state: "starting", jobId: "r", launches: 1 }), run("other"))).toEqual([]);
  });

  it("are idle afterwards, gone when they broke, and still shown when they were preempted", () => {
    const free = { runId: null, jobId: null, place: null, hold: null, since: NOW };
    expect(afterVacating(given("n1", "r"), NOW)).toMatchObject({ ...free, state: "idle" });
    expect(afterVacating(given("n1", "r", "r", { state: "unusable" }), NOW)).toMatchObject({ ...free, state: "leaving" });
    expect(afterVacating(given("n1", "r", "r", { state: "preempted" }), NOW)).toMatchObject({ ...free, state: "preempted" });
  });
});

describe("a run on a cluster", () => {
  const cluster = { id: "c" } as never;
  const allocations = () => new Allocations({ list: () => [cluster], of: (_, target) => (target === "cluster" ? cluster : undefined) });
  const record = { id: "r", workspace: "default", target: "cluster", launches: 0 };

  it("begins only when all its nodes were given, each of them well", () => {
    const wanted = () => 2;
    expect([...completeJobs([given("n1", "r"), given("n2", "r")], wanted)]).toEqual([["r", "r"]]);
    expect(completeJobs([given("n1", "r"), given("n2", "r", "r", { hold: "giving" })], wanted).size).toBe(0);
    expect(completeJobs([given("n1", "r"), given("n2", "r", "r", { state: "preempted" })], wanted).size).toBe(0);
  });

  it("begins with the nodes that were given to its next job, and not with those of the job before", () => {
    const all = allocations();
    expect(all.mayStart({ ...record, target: "elsewhere" })).toBe(true);
    expect(all.mayStart(record)).toBe(false);
    expect(all.note("c", new Map([["r", "r"]]))).toEqual(["r"]);
    expect(all.note("c", new Map([["r", "r"]]))).toEqual([]);
    expect(all.mayStart(record)).toBe(true);
    expect(all.mayStart({ ...record, launches: 1 })).toBe(false);
    all.withdraw("c", ["r"]);
    expect(all.mayStart(record)).toBe(false);
  });
});
