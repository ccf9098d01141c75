import type { NodeRecord } from "@switchyard/store";
import { expect, it } from "vitest";
import { newRun } from "../src/testing/index.ts";
import { onEveryDatabase } from "./everyDatabase.ts";
import { waitFor } from "./waitFor.ts";

const at = new Date("2026-11-27T10:00:00.000Z");
const node = (id: string, fields: Partial<NodeRecord> = {}): NodeRecord => ({
  id,
  computeId: "c1",
  workspace: "default",
  vmPriority: "dedicated",
  cores: 2,
  state: "preparing",
  since: at,
  because: null,
  runId: null,
  jobId: null,
  place: null,
  hold: null,
  address: { privateIp: null, publicIp: null, sshPort: null },
  variables: {},
  createdAt: at,
  version: 1,
  ...fields,
});

onEveryDatabase("nodes of clusters", ({ open, again }) => {
  it("are kept whole, oldest first, and found by their job in order", async () => {
    const store = await open();
    expect(await store.nodes.claim("c1", "me", 60)).toBe(true);
    const given = { runId: "r", jobId: "r~2", hold: "given", state: "running" } as const;
    const second = node("n2", { ...given, place: 0, createdAt: new Date(at.getTime() + 5), because: "x", variables: { TMPDIR: "/tmp" } });
    const first = node("n1", { ...given, place: 1, address: { privateIp: "10.0.0.1", publicIp: null, sshPort: 22 } });
    expect(await store.nodes.save("c1", "me", { added: [second, first] })).toBe(true);
    expect(await (await again()).nodes.of("c1")).toEqual([first, second]);
    expect(await store.nodes.ofJob("r~2")).toEqual([second, first]);
    expect(await store.nodes.of("other")).toEqual([]);
  });

  it("are saved all or none: a stale writer is told no", async () => {
    const store = await open();
    await store.nodes.claim("c1", "me", 60);
    const [a, b] = [node("a"), node("b")];
    await store.nodes.save("c1", "me", { added: [a, b] });
    const idle = { ...a, state: "idle" } as const;
    expect(await store.nodes.save("c1", "me", { replaced: [[a, idle]], removed: [b], added: [node("c")] })).toBe(true);
    expect(await store.nodes.save("c1", "me", { added: [node("d")], replaced: [[a, { ...a, state: "leaving" }]] })).toBe(false);
    expect(await store.nodes.save("c1", "me", { added: [node("d")], removed: [b] })).toBe(false);
    expect(await store.nodes.of("c1")).toEqual([{ ...idle, version: 2 }, node("c")]);
    await expect(store.nodes.save("c1", "me", { added: [node("c")] })).rejects.toThrow();
  });

  it("of one cluster are driven by one server at a time, which notices when it was replaced", async () => {
    const store = await open();
    const other = await again();
    const tries = await Promise.all(["x", "y", "z", "w"].map((holder, i) => (i % 2 ? store : other).nodes.claim("c1", holder, 60)));
    expect(tries.filter((won) => won)).toHaveLength(1);
    expect(await store.nodes.claim("c2", "old", 0.05)).toBe(true);
    await waitFor("the lease to run out", () => other.nodes.claim("c2", "new", 60));
    expect(await store.nodes.claim("c2", "old", 60)).toBe(false);
    expect(await store.nodes.save("c2", "old", { added: [node("a", { computeId: "c2" })] })).toBe(false);
    expect(await store.nodes.save("c2", "new", { added: [node("a", { computeId: "c2" })] })).toBe(true);
    await other.nodes.release("new");
    expect(await store.nodes.claim("c2", "old", 60)).toBe(true);
  });

  it("stay within the quota of the workspace, however many servers make some at once", async () => {
    const store = await open();
    const other = await again();
    const clusters = ["c1", "c2", "c3", "c4", "c5", "c6"];
    for (const id of clusters) await store.nodes.claim(id, id, 60);
    const make = (computeId: string, i: number) =>
      (i % 2 ? store : other).nodes.save(computeId, computeId, { added: [node(`n-${computeId}`, { computeId, cores: 4 })], coreQuota: 10 });
    expect((await Promise.all(clusters.map(make))).filter((saved) => saved)).toHaveLength(2);
    expect(await store.nodes.coresHeld("default", "dedicated", null)).toBe(8);
    expect(await store.nodes.coresHeld("default", "lowpriority", null)).toBe(0);
    const [held] = (await Promise.all(clusters.map((id) => store.nodes.of(id)))).flat();
    expect(await store.nodes.coresHeld("default", "dedicated", held?.computeId ?? "")).toBe(4);
    const cheap = node("low", { vmPriority: "lowpriority", cores: 6 });
    expect(await store.nodes.save("c1", "c1", { added: [cheap], coreQuota: 10 })).toBe(true);
  });

  it("are not taken back from a run that somebody saved meanwhile; who would start it is told no", async () => {
    const store = await open();
    await store.nodes.claim("c1", "me", 60);
    const run = await store.runs.create(newRun("r", { target: "c" }));
    const was = node("a", { runId: "r", jobId: "r", state: "running", hold: "given" });
    await store.nodes.save("c1", "me", { added: [was] });
    const freeing = [[was, { ...was, hold: "freeing" }]] as const;
    expect(await store.nodes.save("c1", "me", { replaced: freeing, takenFrom: [{ id: "r", version: run.version + 1 }] })).toBe(false);
    expect(await store.nodes.save("c1", "me", { replaced: freeing, takenFrom: [run] })).toBe(true);
    expect(await store.runs.replace(run, { ...run, state: "starting" })).toBe(false);
  });

  it("go with their cluster, which remembers how it is changing its size", async () => {
    const store = await open();
    await store.nodes.claim("c1", "me", 60);
    expect(await store.nodes.allocationOf("c1")).toBeNull();
    const allocation = { state: "Resizing", since: at.toISOString(), target: 3 } as const;
    await store.nodes.save("c1", "me", { allocation, added: [node("a")] });
    await store.nodes.claim("c1", "me", 60);
    expect(await store.nodes.allocationOf("c1")).toEqual(allocation);
    await expect(store.nodes.forget("c1")).rejects.toThrow("node a");
    await store.nodes.save("c1", "me", { removed: [node("a")] });
    await store.nodes.forget("c1");
    expect(await store.nodes.allocationOf("c1")).toBeNull();
  });

  it("are wanted by runs, whose standing is read without what is long", async () => {
    const store = await open();
    const left = [
      { handle: { jobId: "two" }, stop: true, since: at.toISOString() },
      { handle: { jobId: "two~2" }, stop: false, since: at.toISOString() },
    ];
    await store.runs.create(newRun("two", { target: "c", left, createdAt: new Date(at.getTime() + 1) }));
    await store.runs.create(newRun("one", { target: "c", createdAt: at, cancelRequestedAt: at, definition: { nodeCount: 3 } }));
    const lost = { state: "ended", outcome: "lost", jobId: "gone", handle: { jobId: "gone" } } as const;
    await store.runs.create(newRun("gone", { target: "c", ...lost }));
    expect(await store.runs.standingOn("default", "c", ["gone"])).toMatchObject([{ id: "gone", toBeStopped: ["gone"] }, {}, {}]);
    await store.runs.create(newRun("elsewhere", { target: "other" }));
    await store.runs.create(newRun("over", { target: "c", state: "ended", outcome: "succeeded" }));
    const standing = await store.runs.standingOn("default", "c", []);
    expect(standing).toMatchObject([
      { id: "one", state: "queued", cancelRequested: true, createdAt: at, startedAt: null, launches: 0, toBeStopped: [], version: 1 },
      { id: "two", cancelRequested: false, toBeStopped: ["two"] },
    ]);
    expect((await store.runs.standingOn("default", "c", ["over", "two", "none"])).map(({ id }) => id)).toEqual(["over", "one", "two"]);
    expect((await store.runs.definitionsOf(["one", "none"])).get("one")).toEqual({ nodeCount: 3 });
  });
});
