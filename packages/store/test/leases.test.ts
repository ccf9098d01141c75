import { expect, it } from "vitest";
import { newRun } from "../src/testing/index.ts";
import { onEveryDatabase } from "./everyDatabase.ts";
import { waitFor } from "./waitFor.ts";

onEveryDatabase("leases", ({ open, again }) => {
  it("give every run one owner, however many ask", async () => {
    const store = await open();
    const other = await again();
    for (let index = 0; index < 30; index++) await store.runs.create(newRun(`r${index}`));
    const claimed = await Promise.all(
      ["x", "y", "z", "w"].map((owner, index) => (index % 2 ? store : other).leases.acquire(owner, 60, 12)),
    );
    expect(new Set(claimed.flat()).size).toBe(30);
    expect(claimed.flat()).toHaveLength(30);
    for (const [index, owner] of ["x", "y", "z", "w"].entries()) {
      expect((await store.runs.due(owner, new Date(), 100)).map((run) => run.id).sort()).toEqual(claimed[index]?.sort());
    }
  });

  it("pass runs on when they run out, with a new version that refuses the old owner", async () => {
    const store = await open();
    await store.runs.create(newRun("a"));
    expect(await store.leases.acquire("old", 0.2, 10)).toEqual(["a"]);
    const [mine] = await store.runs.due("old", new Date(), 10);
    expect(mine?.version).toBe(1);
    await waitFor("the lease to run out", async () => (await store.leases.acquire("new", 60, 10)).includes("a"));
    expect(await store.runs.due("old", new Date(), 10)).toEqual([]);
    expect((await store.runs.due("new", new Date(), 10)).map((run) => run.version)).toEqual([2]);
    expect(mine && (await store.runs.replace(mine, { ...mine, state: "starting" }))).toBe(false);
    expect(await store.leases.acquire("old", 60, 10)).toEqual([]);
  });

  it("say when they had run out before they were renewed", async () => {
    const store = await open();
    expect(await store.leases.renew("me", 0.05)).toBe(false); // there was none
    // Each look renews it, for less time than there is between two looks.
    await waitFor("the lease to run out", async () => (await store.leases.renew("me", 0.001)) === false);
    expect(await store.leases.renew("me", 60)).toBeTypeOf("boolean");
    expect(await store.leases.renew("me", 60)).toBe(true);
  });

  it("are not taken while they are renewed, and are free once given back", async () => {
    const store = await open();
    await store.runs.create(newRun("a", { owner: "me" }));
    await store.leases.renew("me", 60);
    expect(await store.leases.acquire("you", 60, 10)).toEqual([]);
    await store.leases.release("me");
    expect(await store.leases.acquire("you", 60, 10)).toEqual(["a"]);
  });

  it("are only for runs that need looking after, those that are not ended first", async () => {
    const store = await open();
    const ended = { state: "ended", outcome: "succeeded", endedAt: new Date() } as const;
    await store.runs.create(newRun("gone", { ...ended, handle: {}, removedAt: new Date() }));
    await store.runs.create(newRun("left", { ...ended, handle: {}, createdAt: new Date(1000) }));
    await store.runs.create(newRun("open"));
    expect(await store.leases.acquire("me", 60, 1)).toEqual(["open"]);
    expect(await store.leases.acquire("me", 60, 10)).toEqual(["left"]);
  });

  it("count on the database's clock", async () => {
    const store = await open();
    expect(Math.abs((await store.now()).getTime() - Date.now())).toBeLessThan(5_000);
  });
});
