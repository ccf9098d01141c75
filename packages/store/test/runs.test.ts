import { AlreadyExists, IdempotencyMismatch, NotFound } from "@switchyard/protocol";
import { expect, it } from "vitest";
import type { RunRecord } from "../src/index.ts";
import { newRun } from "../src/testing/index.ts";
import { onEveryDatabase } from "./everyDatabase.ts";

onEveryDatabase("runs", ({ open, again }) => {
  it("keeps every field of a run", async () => {
    const store = await open();
    const at = new Date("2026-11-21T09:00:00.123Z");
    const full = newRun("full", {
      displayName: "a name",
      description: "text with 'quotes', 日本語 and \n lines",
      definition: { script: "train.py", nested: { list: [1, null, "\u0000", true] } },
      snapshotId: "s",
      environmentName: "e",
      environmentVersion: "2",
      mayPrepare: true,
      state: "ended",
      outcome: "failed",
      error: { code: "ExitCode", message: "exit code 7" },
      warnings: ["one"],
      preparing: true,
      unreachableSince: at,
      missingSince: at,
      cancelRequestedAt: at,
      cancelGraceSeconds: 2.5,
      cancelSentAt: at,
      failure: { code: "UserFailed", message: "no" },
      jobId: "job",
      launches: 3,
      handle: { pid: 4 },
      waitsFor: "a node",
      createdAt: at,
      startedAt: at,
      endedAt: at,
      removedAt: at,
      cleanRequestedAt: at,
    });
    const { tags: _, properties: __, owner: ___, ...fields } = full;
    expect(await store.runs.create(full)).toEqual({ ...fields, number: 1, version: 1 });
    expect(await store.runs.get("full")).toEqual({ ...fields, number: 1, version: 1 });
    expect(await store.runs.get("other")).toBeUndefined();
  });

  it("makes the experiment and counts 1, 2, 3 in it, however many create at once", async () => {
    const store = await open();
    const others = await again();
    const made = await Promise.all(
      Array.from({ length: 20 }, (_, index) => (index % 2 ? store : others).runs.create(newRun(`run${index}`))),
    );
    expect(made.map((run) => run.number).sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    expect((await store.runs.create(newRun("elsewhere", { experiment: "other" }))).number).toBe(1);
    expect(await store.experiments.get("default", "mnist")).toMatchObject({ name: "mnist", runs: 20 });
  });

  it("refuses an id that is taken and leaves nothing behind", async () => {
    const store = await open();
    await store.runs.create(newRun("same"));
    await expect(store.runs.create(newRun("same", { experiment: "new" }))).rejects.toThrow(AlreadyExists);
    expect(await store.experiments.get("default", "new")).toBeUndefined();
  });

  it("answers a repeated request with the run it made first", async () => {
    const store = await open();
    const claim = { key: "default/submit/k", requestHash: "h" };
    const all = await Promise.all(Array.from({ length: 8 }, (_, index) => store.runs.create(newRun(`try${index}`), claim)));
    expect(new Set(all.map((run) => run.id)).size).toBe(1);
    await expect(store.runs.create(newRun("else"), { ...claim, requestHash: "other" })).rejects.toThrow(IdempotencyMismatch);
    expect(await store.runs.countByStatus()).toEqual({ Queued: 1 });
  });

  it("tells a stale writer no", async () => {
    const store = await open();
    const was = await store.runs.create(newRun("a"));
    const starting: RunRecord = { ...was, state: "starting" };
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => store.runs.replace(was, starting, [{ at: new Date(), what: "staged" }])),
    );
    expect(answers.filter(Boolean)).toHaveLength(1);
    expect(await store.runs.get("a")).toMatchObject({ state: "starting", version: 2 });
    expect((await store.runs.timeline("a")).map((entry) => entry.what)).toEqual(["submitted", "staged"]);
  });

  it("does not undo what others changed meanwhile: only differences are saved", async () => {
    const store = await open();
    const was = await store.runs.create(newRun("a"));
    await store.telemetry.take({ runId: "a", cursors: [], sets: [{ name: "displayName", value: "set by the script" }] });
    expect(await store.runs.replace(was, { ...was, state: "starting" })).toBe(true);
    expect(await store.runs.get("a")).toMatchObject({ state: "starting", displayName: "set by the script" });
  });

  it("keeps tags that change and properties that do not", async () => {
    const store = await open();
    await store.runs.create(newRun("a", { tags: { team: "x", bare: null }, properties: { git: "abc" } }));
    await store.runs.setTags("a", { team: "y", more: "1" });
    await store.runs.removeTags("a", ["bare", "never there"]);
    expect(await store.runs.addProperties("a", { git: "other", fresh: "1" })).toEqual(["git"]);
    expect(await store.runs.addProperties("a", { git: "abc" })).toEqual([]);
    const view = await store.runs.view("a");
    expect(view).toMatchObject({ tags: { team: "y", more: "1" }, properties: { git: "abc", fresh: "1" }, metrics: {} });
    expect(Object.keys(view?.tags ?? {})).toEqual(["more", "team"]);
    await expect(store.runs.setTags("nobody", { a: "b" })).rejects.toThrow(NotFound);
  });

  it("takes labels with characters that a database may not hold", async () => {
    const store = await open();
    await store.runs.create(newRun("a"));
    await store.runs.setTags("a", { "nul\0": "half \ud800 pair", __proto__x: "", ["n".repeat(3000)]: "long" });
    const tags = (await store.runs.view("a"))?.tags ?? {};
    expect(tags["nul\uFFFD"]).toBe("half \uFFFD pair");
    expect(Object.keys(tags).find((name) => name.startsWith("nnn"))).toHaveLength(500);
  });

  it("finds children and all descendants", async () => {
    const store = await open();
    const at = (second: number) => ({ createdAt: new Date(1_700_000_000_000 + second * 1000) });
    await store.runs.create(newRun("top", at(0)));
    await store.runs.create(newRun("c1", { parentId: "top", rootId: "top", ...at(1) }));
    await store.runs.create(newRun("c2", { parentId: "top", rootId: "top", ...at(2) }));
    await store.runs.create(newRun("g1", { parentId: "c1", rootId: "top", ...at(3) }));
    expect((await store.runs.children("top")).map((run) => run.id)).toEqual(["c1", "c2"]);
    expect((await store.runs.children("top", true)).map((run) => run.id)).toEqual(["c1", "c2", "g1"]);
    expect(await store.runs.children("g1", true)).toEqual([]);
  });

  it("says what an owner has to look after", async () => {
    const store = await open();
    const ended = { state: "ended", outcome: "succeeded", endedAt: new Date(1_700_000_000_000), owner: "me" } as const;
    await store.runs.create(newRun("open", { owner: "me" }));
    await store.runs.create(newRun("over", { ...ended, handle: { pid: 1 } }));
    await store.runs.create(newRun("removed", { ...ended, handle: { pid: 1 }, removedAt: new Date() }));
    await store.runs.create(newRun("never-placed", ended));
    await store.runs.create(newRun("theirs", { owner: "you" }));
    const ids = async (before: Date, limit = 10) => (await store.runs.due("me", before, limit)).map((run) => run.id);
    expect(await ids(new Date())).toEqual(["open", "over"]);
    expect(await ids(new Date(1_600_000_000_000))).toEqual(["open"]);
    expect(await ids(new Date(), 1)).toEqual(["open"]);
  });

  it("gives views in the order asked for", async () => {
    const store = await open();
    for (const id of ["a", "b", "c"]) await store.runs.create(newRun(id));
    expect((await store.runs.views(["c", "gone", "a"])).map((view) => view.record.id)).toEqual(["c", "a"]);
    expect(await store.runs.views([])).toEqual([]);
    expect(await store.runs.view("gone")).toBeUndefined();
  });
});
