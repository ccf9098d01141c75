import { AlreadyExists, Conflict, NotFound } from "@switchyard/protocol";
import type { ModelCondition, ModelOrder, NewModelVersion, Store } from "@switchyard/store";
import { expect, it } from "vitest";
import { newRun } from "../src/testing/index.ts";
import { onEveryDatabase } from "./everyDatabase.ts";

const made = (fields: Partial<NewModelVersion> = {}): NewModelVersion => ({
  workspace: "default",
  name: "digits",
  description: null,
  framework: "ScikitLearn",
  frameworkVersion: "1.9",
  runId: null,
  experiment: null,
  runPath: null,
  source: null,
  location: null,
  runLink: null,
  loggedModelId: null,
  path: "model.pkl",
  content: [{ path: "model.pkl", sha256: "a".repeat(64), size: 12 }],
  details: {},
  createdBy: "ada",
  tags: {},
  properties: {},
  ...fields,
});
const register = (store: Store, fields: Partial<NewModelVersion> = {}) => store.modelVersions.register(made(fields));
const all = { limit: 100, offset: 0 };
const idsOf = async (store: Store, conditions: ModelCondition[] = [], orders: ModelOrder[] = []) =>
  (await store.modelVersions.find("default", conditions, orders, all)).items.map(({ name, version }) => `${name}:${version}`);

onEveryDatabase("models", ({ open, again }) => {
  it("get versions 1, 2, 3, … also from two servers at once, and a number is never given again", async () => {
    const store = await open();
    const other = await again();
    const versions = await Promise.all(Array.from({ length: 8 }, (_, i) => register(i % 2 ? store : other)));
    expect(versions.map(({ version }) => version).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    await store.modelVersions.remove("default", "digits", 8);
    expect((await register(store)).version).toBe(9);
    for (const version of [1, 2, 3, 4, 5, 6, 7, 9]) await store.modelVersions.remove("default", "digits", version);
    expect(await store.modelVersions.newest("default", "digits")).toBeUndefined();
    expect((await register(store)).version).toBe(10);
    expect((await register(store, { workspace: "other" })).version).toBe(1);
  });

  it("are kept whole", async () => {
    const store = await open();
    const content = [
      { path: "net/b", sha256: "b".repeat(64), size: 5_000_000_000 },
      { path: "net/a", sha256: "a".repeat(64), size: 1 },
    ];
    const fields = {
      ...{ description: "nul\0", runId: "r", experiment: "mnist", runPath: "outputs/net", path: "net", content },
      details: { resourceConfiguration: { cpu: 1, memoryInGB: 0.5, gpu: null }, datasets: [{ purpose: "training", datasetId: "d" }] },
      tags: { b: "2", a: "", ["__proto__"]: "x" },
      properties: { area: "vision" },
    };
    const version = await register(store, fields);
    const { content: _, tags: __, ...rest } = { ...made(), ...fields };
    expect(version).toMatchObject({ ...rest, description: "nul\uFFFD", files: 2, bytes: 5_000_000_001, stage: "None", aliases: [] });
    expect(Object.entries(version.tags)).toEqual([["__proto__", "x"], ["a", ""], ["b", "2"]]); // biome-ignore format: short
    expect(await (await again()).modelVersions.get("default", "digits", 1)).toEqual(version);
    expect(await store.modelVersions.files(version)).toEqual([content[1], content[0]]);
    expect((await store.modelVersions.blobs()).sort()).toEqual(["a".repeat(64), "b".repeat(64)]);
    expect(await store.modelVersions.get("other", "digits", 1)).toBeUndefined();
  });

  it("say what is missing", async () => {
    const store = await open();
    await expect(store.modelVersions.require("default", "digits", 1)).rejects.toThrow('There is no model "digits"');
    await expect(store.modelVersions.register(made(), { modelExists: true })).rejects.toThrow(NotFound);
    await register(store);
    await expect(store.modelVersions.require("default", "digits", 2)).rejects.toThrow('Model "digits" has no version 2.');
    await expect(store.modelVersions.remove("default", "digits", 2)).rejects.toThrow(NotFound);
    await expect(store.modelVersions.update("default", "digits", 2, { tags: {} })).rejects.toThrow(NotFound);
    await expect(store.modelVersions.moveTo("default", "digits", 2, "Staging", false)).rejects.toThrow(NotFound);
    await expect(store.models.setAlias("default", "digits", "best", 2)).rejects.toThrow(NotFound);
  });

  it("change in tags and description, and properties are only added", async () => {
    const store = await open();
    await register(store, { tags: { a: "1", b: "1" }, properties: { p: "1" } });
    const update = (changes: Parameters<Store["modelVersions"]["update"]>[3]) =>
      store.modelVersions.update("default", "digits", 1, changes);
    expect(await update({ description: "new", tags: { a: "2", c: "3" }, removeTags: ["b", "none"], properties: { q: "2" } })).toMatchObject(
      {
        description: "new",
        tags: { a: "2", c: "3" },
        properties: { p: "1", q: "2" },
      },
    );
    expect((await update({ properties: { p: "1" } })).properties).toEqual({ p: "1", q: "2" });
    await expect(update({ tags: { a: "lost" }, properties: { r: "3", p: "other" } })).rejects.toThrow(Conflict);
    expect(await store.modelVersions.get("default", "digits", 1)).toMatchObject({ tags: { a: "2" }, properties: { p: "1", q: "2" } });
  });

  it("get files later, once", async () => {
    const store = await open();
    const version = await register(store, { path: null, content: null, source: "runs:/r/model" });
    expect(version).toMatchObject({ path: null, files: null, bytes: null });
    const file = { path: "model/MLmodel", sha256: "c".repeat(64), size: 3 };
    await Promise.all([1, 2, 3].map(() => store.modelVersions.addFiles(version, "model", [file])));
    expect(await store.modelVersions.files(version)).toEqual([file]);
    expect(await store.modelVersions.get("default", "digits", 1)).toMatchObject({ path: "model", files: 1, bytes: 3 });
  });

  it("are found by what people say of them", async () => {
    const store = await open();
    await register(store, { tags: { area: "vision" }, runId: "r1" });
    await register(store, { tags: { area: "text", odd: "it's" }, properties: { p: "1" }, framework: "Onnx", runId: "r2" });
    await register(store, { name: "Digits", source: "runs:/r/model" });
    const label = (name: string, value?: string) => ({
      label: "tag" as const,
      name,
      ...(value === undefined ? {} : { operator: "=" as const, value }),
    });
    const field = (name: "name" | "runId" | "framework" | "version" | "source", operator: "=" | "like" | "ilike" | "!=" | ">" | "in", value: string | number | string[]) => [{ field: name, operator, value }]; // biome-ignore format: short
    expect(await idsOf(store)).toEqual(["Digits:1", "digits:2", "digits:1"]);
    expect(await idsOf(store, [label("area")])).toEqual(["digits:2", "digits:1"]);
    expect(await idsOf(store, [label("area", "vision")])).toEqual(["digits:1"]);
    expect(await idsOf(store, [label("odd", "it's"), label("area")])).toEqual(["digits:2"]);
    expect(await idsOf(store, [{ label: "property", name: "p" }])).toEqual(["digits:2"]);
    expect(await idsOf(store, [{ newest: true }])).toEqual(["Digits:1", "digits:2"]);
    expect(await idsOf(store, field("name", "=", "digits"))).toEqual(["digits:2", "digits:1"]);
    expect(await idsOf(store, field("name", "like", "d%s"))).toEqual(["digits:2", "digits:1"]);
    expect(await idsOf(store, field("name", "ilike", "d%s"))).toEqual(["Digits:1", "digits:2", "digits:1"]);
    expect(await idsOf(store, field("name", "like", "digit_"))).toEqual(["digits:2", "digits:1"]);
    for (const pattern of ["*", "?igits", "[dD]igits", "\\%"]) expect(await idsOf(store, field("name", "like", pattern))).toEqual([]);
    expect(await idsOf(store, field("name", "!=", "digits"))).toEqual(["Digits:1"]);
    expect(await idsOf(store, field("version", ">", 1))).toEqual(["digits:2"]);
    expect(await idsOf(store, field("runId", "in", ["r1", "r2", "x'; drop table models; --"]))).toEqual(["digits:2", "digits:1"]);
    expect(await idsOf(store, field("runId", "in", []))).toEqual([]);
    expect(await idsOf(store, field("source", "=", "runs:/r/model"))).toEqual(["Digits:1"]);
    expect(await idsOf(store, field("framework", "=", "Onnx"))).toEqual(["digits:2"]);
    expect(
      await idsOf(
        store,
        [],
        [
          { by: "created", descending: true },
          { by: "version", descending: false },
        ],
      ),
    ).toHaveLength(3);
    expect(await idsOf(store, [], [{ by: "name", descending: true }, { by: "version", descending: false }])).toEqual(["digits:1", "digits:2", "Digits:1"]); // biome-ignore format: short
  });

  it("are listed part by part", async () => {
    const store = await open();
    for (let i = 0; i < 5; i++) await register(store, { name: `m${i}` });
    const part = async (offset: number) => {
      const { items, more } = await store.models.find("default", [], [], { limit: 2, offset });
      return [items.map(({ name }) => name), more];
    };
    expect(await part(0)).toEqual([["m0", "m1"], true]);
    expect(await part(4)).toEqual([["m4"], false]);
    expect((await store.models.find("other", [], [], all)).items).toEqual([]);
  });

  it("have names with a description, tags, aliases and the newest version of each stage", async () => {
    const store = await open();
    const { models, modelVersions } = store;
    await models.create("default", "digits", { description: "of hands", tags: { team: "a" } });
    await expect(models.create("default", "digits", { description: null, tags: {} })).rejects.toThrow(AlreadyExists);
    expect(await models.get("default", "digits")).toMatchObject({ description: "of hands", tags: { team: "a" }, aliases: {}, latest: [] });
    for (let i = 0; i < 4; i++) await register(store, { tags: { mine: String(i + 1) } });
    await modelVersions.moveTo("default", "digits", 1, "Production", false);
    await modelVersions.moveTo("default", "digits", 2, "Production", true);
    await modelVersions.moveTo("default", "digits", 3, "Staging", false);
    await models.setAlias("default", "digits", "best", 2);
    await models.setAlias("default", "digits", "best", 3);
    await models.setAlias("default", "digits", "old", 1);
    await models.setTags("default", "digits", { team: "b", x: "" });
    await models.removeTag("default", "digits", "x");
    const shown = await models.get("default", "digits");
    expect(shown).toMatchObject({ tags: { team: "b" }, aliases: { best: 3, old: 1 } });
    expect(shown?.latest.map(({ stage, version }) => [stage, version])).toEqual([["Archived", 1], ["None", 4], ["Production", 2], ["Staging", 3]]); // biome-ignore format: short
    expect(await modelVersions.byAlias("default", "digits", "best")).toMatchObject({ version: 3, aliases: ["best"], tags: { mine: "3" } });
    await modelVersions.remove("default", "digits", 3);
    expect(await modelVersions.byAlias("default", "digits", "best")).toBeUndefined();
    await models.removeAlias("default", "digits", "old");
    expect((await models.get("default", "digits"))?.aliases).toEqual({});
  });

  it("are renamed and removed with all versions", async () => {
    const store = await open();
    await register(store, { tags: { a: "1" } });
    await register(store, { name: "other" });
    await expect(store.models.rename("default", "digits", "other")).rejects.toThrow(AlreadyExists);
    await expect(store.models.rename("default", "none", "x")).rejects.toThrow(NotFound);
    await store.models.rename("default", "digits", "numbers");
    expect(await store.modelVersions.get("default", "numbers", 1)).toMatchObject({ name: "numbers", tags: { a: "1" } });
    expect(await store.models.get("default", "digits")).toBeUndefined();
    await store.models.remove("default", "numbers");
    expect(await idsOf(store)).toEqual(["other:1"]);
    await expect(store.models.remove("default", "numbers")).rejects.toThrow(NotFound);
    expect(await register(store, { name: "numbers" })).toMatchObject({ version: 1, tags: {} });
  });
});

onEveryDatabase("models of a workspace that goes", ({ open }) => {
  it("are said to be lost, then go whole, and take nothing of another workspace along", async () => {
    const store = await open();
    for (const name of ["trial", "team"]) await store.workspaces.ensure(name);
    const content = [{ path: "m", sha256: "d".repeat(64), size: 1 }];
    const went = await register(store, { workspace: "trial", name: "m", tags: { a: "1" }, properties: { p: "1" }, path: "m", content });
    await store.models.setAlias("trial", "m", "best", 1);
    await store.secrets.set("trial", new Map([["k", "sealed"]]));
    await store.runs.create(newRun("run_of_trial", { workspace: "trial", state: "ended", outcome: "succeeded" }));
    // MLflow lets a version name any run
    await register(store, { workspace: "team", name: "m", runId: "run_of_trial", tags: { b: "2" } });
    await expect(store.workspaces.remove("trial", false)).rejects.toThrow("holds 1 runs, 1 models, 1 secrets, which would be lost");
    expect(await store.workspaces.remove("trial", true)).toEqual(["run_of_trial"]);
    expect(await store.modelVersions.files(went)).toEqual([]);
    expect(await store.modelVersions.blobs()).toEqual(["a".repeat(64)]);
    await store.workspaces.ensure("trial");
    expect(await store.secrets.list("trial")).toEqual([]);
    expect(await register(store, { workspace: "trial", name: "m" })).toMatchObject({ version: 1, tags: {}, properties: {}, aliases: [] });
    expect(await store.modelVersions.get("team", "m", 1)).toMatchObject({ tags: { b: "2" }, files: 1 });
  });
});

onEveryDatabase("secrets", ({ open, again }) => {
  it("are set all at once, found in any case, listed and removed", async () => {
    const store = await open();
    await store.secrets.set("default", new Map([["Api-Key", "sealed-1"], ["b", "sealed-2"]])); // biome-ignore format: short
    await store.secrets.set("default", new Map([["API-key", "sealed-3"]]));
    await store.secrets.set("other", new Map([["b", "sealed-4"]]));
    expect((await (await again()).secrets.list("default")).map(({ name, sealed }) => [name, sealed])).toEqual([["Api-Key", "sealed-3"], ["b", "sealed-2"]]); // biome-ignore format: short
    expect(await store.secrets.get("default", "api-KEY")).toMatchObject({ name: "Api-Key", sealed: "sealed-3" });
    expect(await store.secrets.remove("default", "API-KEY")).toBe(true);
    expect(await store.secrets.remove("default", "api-key")).toBe(false);
    expect(await store.secrets.get("default", "api-key")).toBeUndefined();
    expect(await store.secrets.get("other", "b")).toMatchObject({ sealed: "sealed-4" });
  });
});
