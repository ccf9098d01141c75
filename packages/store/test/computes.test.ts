import { randomUUID } from "node:crypto";
import { AlreadyExists, Conflict } from "@switchyard/protocol";
import type { ComputeRecord } from "@switchyard/store";
import { expect, it } from "vitest";
import { onEveryDatabase } from "./everyDatabase.ts";

const at = new Date("2026-11-27T10:00:00.000Z");
const compute = (fields: Partial<ComputeRecord> = {}): ComputeRecord => ({
  id: randomUUID(),
  workspace: "default",
  name: "gpu-box",
  type: "remote",
  attached: true,
  resource: "ssh://me@10.0.0.5:22",
  settings: { address: "10.0.0.5", sshPort: 22 },
  secret: "v1.aaaa",
  provisioningState: "Creating",
  provisioningErrors: [],
  provisioningAt: at,
  facts: {},
  tags: { team: null },
  description: "the one under the desk",
  location: null,
  createdBy: "me",
  createdAt: at,
  modifiedAt: at,
  version: 1,
  ...fields,
});

onEveryDatabase("compute targets", ({ open, again }) => {
  it("are kept whole, found by a name in any case, and listed by name", async () => {
    const store = await open();
    const box = compute({ provisioningErrors: [{ code: "x", message: "y" }], facts: { cores: 8 } });
    await store.computes.create(box);
    await store.computes.create(compute({ name: "Cluster", type: "amlcompute", attached: false, resource: null, secret: null }));
    await store.computes.create(compute({ workspace: "other" }));
    expect(await store.computes.get("default", "GPU-Box")).toEqual(box);
    expect((await store.computes.list("default")).map(({ name }) => name)).toEqual(["Cluster", "gpu-box"]);
    expect(await store.computes.list()).toHaveLength(3);
    expect(await (await again()).computes.get("default", "gpu-box")).toEqual(box);
    expect(await store.computes.get("default", "none")).toBeUndefined();
  });

  it("have one name each, and nothing is attached twice in one workspace", async () => {
    const store = await open();
    const tries = await Promise.allSettled(Array.from({ length: 4 }, () => store.computes.create(compute())));
    expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    await expect(store.computes.create(compute({ name: "GPU-BOX", resource: "ssh://me@other:22" }))).rejects.toThrow(AlreadyExists);
    await expect(store.computes.create(compute({ name: "second" }))).rejects.toThrow(Conflict);
    await expect(store.computes.create(compute({ name: "second" }))).rejects.toThrow(/"gpu-box"/);
    await store.computes.create(compute({ name: "a", resource: null }));
    await store.computes.create(compute({ name: "b", resource: null }));
  });

  it("tell a stale writer no, also when it removes", async () => {
    const store = await open();
    const was = compute();
    await store.computes.create(was);
    expect(await store.computes.replace(was, { ...was, provisioningState: "Succeeded" })).toBe(true);
    expect(await store.computes.replace(was, { ...was, provisioningState: "Failed" })).toBe(false);
    expect(await store.computes.remove(was)).toBe(false);
    const now = (await store.computes.get("default", "gpu-box")) as ComputeRecord;
    expect(now).toEqual({ ...was, provisioningState: "Succeeded", version: 2 });
    expect(await store.computes.remove(now)).toBe(true);
    expect(await store.computes.get("default", "gpu-box")).toBeUndefined();
  });

  it("announce every change", async () => {
    const store = await open();
    const before = await store.events.latestId();
    const was = compute();
    await store.computes.create(was);
    await store.computes.replace(was, { ...was, name: "renamed" });
    await store.computes.remove({ ...was, name: "renamed", version: 2 });
    const changes = await store.events.since(before, 10);
    expect(changes.map(({ kind, names }) => [kind, names[0]])).toEqual([
      ["compute", "gpu-box"],
      ["compute", "renamed"],
      ["compute", "renamed"],
    ]);
  });
});
