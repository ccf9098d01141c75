import { expect, it } from "vitest";
import type { Store } from "../src/index.ts";
import { newRun } from "../src/testing/index.ts";
import { onEveryDatabase } from "./everyDatabase.ts";
import { waitFor } from "./waitFor.ts";

/** Follows the changes as a stream to a client does: reads on after the last id whenever it looks. */
async function follow(store: Store, until: () => boolean): Promise<number[]> {
  const ids: number[] = [];
  await waitFor("the last change", async () => {
    const over = until();
    for (const change of await store.events.since(ids.at(-1) ?? 0, 7)) ids.push(change.id);
    return over && ids.at(-1) === (await store.events.latestId());
  });
  return ids;
}

onEveryDatabase("events", ({ open, again }, database) => {
  it("tell every change once, in the order of commits, to one who reads on meanwhile", async () => {
    const store = await open();
    const others = await again();
    for (const id of ["a", "b", "c", "d"]) await store.runs.create(newRun(id));
    let over = false;
    const seen = follow(store, () => over);
    const write = async (writer: Store, id: string) => {
      for (let index = 0; index < 15; index++) await writer.runs.setTags(id, { index: String(index) });
    };
    await Promise.all([write(store, "a"), write(others, "b"), write(store, "c"), write(others, "d")]);
    over = true;
    expect(await seen).toEqual(Array.from({ length: 64 }, (_, index) => index + 1));
  });

  it("are told by their kind, run and names", async () => {
    const store = await open();
    expect(await store.events.latestId()).toBe(0);
    expect(await store.events.since(0, 10)).toEqual([]);
    await store.runs.create(newRun("a"));
    expect(await store.events.since(0, 10)).toEqual([{ id: 1, kind: "run", workspace: "default", runId: "a", names: [] }]);
    expect(await store.events.since(1, 10)).toEqual([]);
  });

  it("are forgotten on request, all but the newest", async () => {
    const store = await open();
    for (let index = 0; index < 5; index++) await store.runs.create(newRun(`r${index}`));
    expect(await store.events.oldestId()).toBe(1);
    expect(await store.events.prune(2)).toBe(3);
    expect((await store.events.since(0, 10)).map((change) => change.id)).toEqual([4, 5]);
    expect(await store.events.oldestId()).toBe(4);
    await store.events.prune(0);
    expect(await store.events.oldestId()).toBe(6);
    await store.runs.create(newRun("after"));
    expect(await store.events.latestId()).toBe(6);
  });

  it("wake listeners after the commit, and not after a roll-back", async () => {
    const store = await open();
    const heard: number[] = [];
    const stop = store.events.onCommit((id) => heard.push(id));
    await store.runs.create(newRun("a"));
    await waitFor("a wake-up", () => heard.includes(1));
    await store.runs.create(newRun("a")).catch(() => {});
    await store.runs.create(newRun("b"));
    await waitFor("a wake-up", () => heard.includes(2));
    expect(Math.max(...heard)).toBe(2);
    stop();
  });

  if (database === "postgres")
    it("of another server wake listeners too", async () => {
      const store = await open();
      const other = await again();
      const heard: number[] = [];
      store.events.onCommit((id) => heard.push(id));
      await other.runs.create(newRun("a"));
      await waitFor("a wake-up", () => heard.includes(1));
    });
});
