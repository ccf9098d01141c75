import { randomUUID } from "node:crypto";
import { AlreadyExists, Conflict, NotFound, type ServiceDefinition } from "@switchyard/protocol";
import type { ServiceRecord, Store } from "@switchyard/store";
import { expect, it } from "vitest";
import { onEveryDatabase } from "./everyDatabase.ts";

const at = new Date("2026-11-27T10:00:00.000Z");
const definition = (...models: readonly string[]): ServiceDefinition => ({
  inference: { entryScript: "score.py", snapshotId: "s", environment: { name: "serve" }, description: null },
  deployment: {
    ...{ computeType: "aci", port: null, cpuCores: 0.1, memoryGB: 0.5, authEnabled: false, appInsightsEnabled: false },
    ...{ location: null, dnsNameLabel: null },
  },
  models: models.map((id) => ({ name: id.split(":")[0] as string, version: Number(id.split(":")[1]) })),
});
const service = (fields: Partial<ServiceRecord> = {}): ServiceRecord => ({
  ...{ id: `service-${randomUUID()}`, workspace: "default", name: "digits", instance: "here", definition: definition() },
  ...{
    environment: { name: "serve", version: "1" },
    description: "\u{1F600} reads",
    tags: { a: "" },
    properties: { p: "1" },
    sealed: "v1.x",
  },
  ...{ state: "Transitioning", error: { code: "c", message: "m" }, starts: 2, jobId: "j~2", handle: { driver: "local" }, port: 4711 },
  ...{ wasHealthy: true, healthySince: at, failures: 1, retryAt: at, left: [{ jobId: "j", handle: null }], deletedAt: null },
  ...{
    cursors: [{ attempt: 1, file: "azureml-logs/80_driver_log.txt", offset: 7 }],
    createdBy: "me",
    createdAt: at,
    modifiedAt: at,
    version: 1,
  },
  ...fields,
});

async function register(store: Store, name: string): Promise<string> {
  const made = await store.modelVersions.register({
    ...{
      workspace: "default",
      name,
      description: null,
      path: "m",
      content: [{ path: "m", sha256: "0".repeat(64), size: 1 }],
      createdBy: null,
    },
    ...{ framework: null, frameworkVersion: null, runId: null, experiment: null, runPath: null, source: null, location: null },
    ...{ runLink: null, loggedModelId: null, details: {}, tags: {}, properties: {} },
  });
  return `${name}:${made.version}`;
}

onEveryDatabase("web services", ({ open, again }) => {
  it("are kept whole, found by name and by the server that looks after them", async () => {
    const store = await open();
    const one = service();
    await store.services.create(one);
    await store.services.create(service({ name: "abc", instance: "there" }));
    await store.services.create(service({ workspace: "other" }));
    expect(await store.services.get("default", "digits")).toEqual(one);
    expect((await store.services.list("default")).map(({ name }) => name)).toEqual(["abc", "digits"]);
    expect((await store.services.named("digits")).map(({ workspace }) => workspace)).toEqual(["default", "other"]);
    expect((await store.services.ofInstance("there")).map(({ name }) => name)).toEqual(["abc"]);
    await expect(store.services.require("default", "nobody")).rejects.toThrow(NotFound);
    await expect(store.services.create(service())).rejects.toThrow(AlreadyExists);
    const claim = { key: "k", requestHash: "h" };
    const once = service({ name: "once" });
    expect(await store.services.create(once, claim)).toEqual(once);
    expect(await store.services.create(service({ name: "once" }), claim)).toEqual(once);
  });

  it("are saved by one of two writers, and a name is free as soon as its service is being deleted", async () => {
    const store = await open();
    const other = await again();
    const was = service();
    await store.services.create(was);
    expect(await other.services.replace(was, { ...was, state: "Healthy", version: 1 })).toBe(true);
    expect(await store.services.replace(was, { ...was, state: "Failed" })).toBe(false);
    const now = (await store.services.byId(was.id)) as ServiceRecord;
    expect(now).toMatchObject({ state: "Healthy", version: 2 });
    expect(await store.services.replace(now, { ...now, deletedAt: at })).toBe(true);
    expect(await store.services.get("default", "digits")).toBeUndefined();
    await store.services.create(service());
    const going = (await store.services.ofInstance("here")).find(({ id }) => id === was.id) as ServiceRecord;
    expect(await store.services.remove(now)).toBe(false);
    expect(await store.services.remove(going)).toBe(true);
    expect(await store.services.ofInstance("here")).toHaveLength(1);
  });

  it("keep the versions of models that they use from being deleted, until they use others or go", async () => {
    const store = await open();
    const [first, second] = [await register(store, "digits"), await register(store, "digits")];
    await expect(store.services.create(service({ definition: definition("digits:9") }))).rejects.toThrow(NotFound);
    await expect(store.services.create(service({ definition: definition("nobody:1") }))).rejects.toThrow(NotFound);
    expect(await store.services.list("default")).toEqual([]);
    const uses = service({ name: "reader", definition: definition(first, first) });
    await store.services.create(uses);
    const refused = store.modelVersions.remove("default", "digits", 1);
    await expect(refused).rejects.toThrow('Model digits:1 is deployed: the web service "reader" uses it');
    await store.models.rename("default", "digits", "numbers");
    await expect(store.models.remove("default", "numbers")).rejects.toThrow(Conflict);
    await store.models.rename("default", "numbers", "digits");
    const other = { ...uses, definition: definition(second) };
    expect(await store.services.replace(uses, other)).toBe(true);
    await store.modelVersions.remove("default", "digits", 1);
    await expect(store.modelVersions.remove("default", "digits", 2)).rejects.toThrow(Conflict);
    expect(await store.services.replace({ ...other, version: 2 }, { ...other, version: 2, deletedAt: at })).toBe(true);
    await store.models.remove("default", "digits");
  });

  it("keep their workspace from being deleted", async () => {
    const store = await open();
    await store.workspaces.ensure("team");
    const one = service({ workspace: "team" });
    await store.services.create(one);
    await expect(store.workspaces.remove("team", true)).rejects.toThrow("has web services: digits");
    await store.services.remove(one);
    await store.workspaces.remove("team", true);
  });
});
