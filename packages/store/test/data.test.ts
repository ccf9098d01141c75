import { AlreadyExists, Conflict, type DatasetDefinition, NO_RUN_DATA, type RunInput } from "@switchyard/protocol";
import { expect, it } from "vitest";
import type { DatastoreRecord } from "../src/index.ts";
import { newRun } from "../src/testing/index.ts";
import { onEveryDatabase } from "./everyDatabase.ts";

const sha = (digit: string) => digit.repeat(64);
const file = (path: string, digit = "a") => ({ path, sha256: sha(digit), size: 3_000_000_000 });
const record = (name: string, fields: Partial<DatastoreRecord> = {}): DatastoreRecord => ({
  ...{ workspace: "default", name, kind: "folder", settings: { path: "/data" }, secret: null, createdBy: "ada", createdAt: new Date() },
  ...fields,
});
const files = (path: string): DatasetDefinition => ({ kind: "file", sources: [{ datastore: "workspaceblobstore", path }], steps: [] });

onEveryDatabase("data", ({ open, again }) => {
  it("every workspace has its two datastores, and one is the default", async () => {
    const { datastores } = await open();
    expect((await datastores.list("default")).map(({ name, kind }) => [name, kind])).toEqual([
      ["workspaceblobstore", "managed"],
      ["workspacefilestore", "managed"],
    ]);
    expect(await datastores.get("default", "WorkspaceBlobStore")).toMatchObject({ name: "workspaceblobstore" });
    expect(await datastores.defaultName("default")).toBe("workspaceblobstore");
    await datastores.register(record("Shared"), false);
    await datastores.setDefault("default", "shared");
    expect(await datastores.defaultName("default")).toBe("Shared");
    expect(await datastores.defaultName("other")).toBe("workspaceblobstore");
    expect(await datastores.unregister("default", "SHARED")).toBe(true);
    expect(await datastores.unregister("default", "shared")).toBe(false);
    expect(await datastores.defaultName("default")).toBe("workspaceblobstore");
  });

  it("a datastore's name is taken without regard to case, and its record is replaced whole when that is asked for", async () => {
    const { datastores } = await open();
    await datastores.register(record("disk", { secret: "sealed" }), false);
    await expect(datastores.register(record("DISK"), false)).rejects.toThrow(AlreadyExists);
    await datastores.register(record("Disk", { settings: { path: "/other" } }), true);
    expect(await datastores.get("default", "disk")).toMatchObject({ name: "Disk", settings: { path: "/other" }, secret: null });
    expect(await datastores.get("other", "disk")).toBeUndefined();
  });

  it("files are put there all or none, and those that exist are replaced, skipped or a refusal", async () => {
    const { datastoreFiles } = await open();
    const add = (paths: ReturnType<typeof file>[], existing: "replace" | "skip" | "refuse" = "refuse") =>
      datastoreFiles.add("default", "workspaceblobstore", paths, existing);
    expect(await add([file("a/x"), file("a/y"), file("a/x")])).toEqual({ added: 2, same: 0, skipped: [] });
    await expect(add([file("b"), file("a/x", "b")])).rejects.toThrow(Conflict);
    expect(await datastoreFiles.get("default", "workspaceblobstore", "b")).toBeUndefined();
    expect(await add([file("b"), file("a/x", "b"), file("a/y")], "skip")).toEqual({ added: 1, same: 1, skipped: ["a/x"] });
    expect(await datastoreFiles.get("default", "WORKSPACEBLOBSTORE", "a/x")).toMatchObject(file("a/x"));
    expect(await add([file("a/x", "b")], "replace")).toMatchObject({ added: 1 });
    expect((await datastoreFiles.blobs()).sort()).toEqual([sha("a"), sha("b")]);
    expect(await datastoreFiles.get("default", "workspacefilestore", "a/x")).toBeUndefined();
  });

  it("files are listed by prefix, page by page, and removed with all below them", async () => {
    const { datastoreFiles } = await open();
    const paths = ["a", "a/1", "a/2", "a/z/ü", "ab", "b"];
    await datastoreFiles.add("default", "s", paths.map((path) => file(path)), "refuse"); // biome-ignore format: short
    const list = async (prefix: string, limit = 100, after?: string) =>
      (await datastoreFiles.list("default", "s", { prefix, limit, after })).map(({ path }) => path);
    expect(await list("")).toEqual(paths);
    expect(await list("a/")).toEqual(["a/1", "a/2", "a/z/ü"]);
    expect(await list("a", 2)).toEqual(["a", "a/1"]);
    expect(await list("a", 2, "a/1")).toEqual(["a/2", "a/z/ü"]);
    expect(await datastoreFiles.remove("default", "s", "a")).toBe(4);
    expect(await list("")).toEqual(["ab", "b"]);
    expect(await datastoreFiles.remove("default", "s", "")).toBe(2);
  });

  it("many thousand files go in one call", async () => {
    const { datastoreFiles } = await open();
    const many = Array.from({ length: 3000 }, (_, index) => file(`f/${String(index).padStart(5, "0")}`));
    expect((await datastoreFiles.add("default", "s", many, "refuse")).added).toBe(3000);
    expect((await datastoreFiles.add("default", "s", many, "refuse")).same).toBe(3000);
    expect(await datastoreFiles.list("default", "s", { limit: 5000 })).toHaveLength(3000);
  });

  it("what was fetched is good for its validator only", async () => {
    const { datastoreFiles } = await open();
    await datastoreFiles.noteFetched("https://x/y", "etag 1", { sha256: sha("1"), size: 1 });
    expect(await datastoreFiles.fetched("https://x/y", "etag 1")).toEqual({ sha256: sha("1"), size: 1 });
    expect(await datastoreFiles.fetched("https://x/y", "etag 2")).toBeUndefined();
    await datastoreFiles.noteFetched("https://x/y", "etag 2", { sha256: sha("2"), size: 2 });
    expect(await datastoreFiles.fetched("https://x/y", "etag 1")).toBeUndefined();
    expect(await datastoreFiles.fetched("https://x/y", "etag 2")).toEqual({ sha256: sha("2"), size: 2 });
  });

  it("a definition has one id in a workspace, whatever the order of its keys", async () => {
    const { datasets } = await open();
    const one = await datasets.save("default", files("a"));
    const same = await datasets.save("default", { steps: [], sources: [{ path: "a", datastore: "workspaceblobstore" }], kind: "file" });
    expect(same.datasetId).toBe(one.datasetId);
    expect((await datasets.save("other", files("a"))).datasetId).not.toBe(one.datasetId);
    expect(await datasets.get("default", one.datasetId)).toEqual(one);
    expect(await datasets.get("other", one.datasetId)).toBeUndefined();
  });

  it("a name gets the next version only when that is asked for, and none when nothing changed", async () => {
    const { datasets } = await open();
    const register = (path: string, createNewVersion = false, more = {}) =>
      datasets.register("default", "my data", files(path), { createNewVersion, ...more });
    expect(await register("a", false, { tags: { t: "1" }, description: "d" })).toMatchObject({
      version: 1,
      latestVersion: 1,
      tags: { t: "1" },
    });
    expect(await register("a", true)).toMatchObject({ version: 1, description: "d" });
    await expect(register("b")).rejects.toThrow(AlreadyExists);
    expect(await register("b", true)).toMatchObject({ version: 2, description: null });
    expect(await register("a", true)).toMatchObject({ version: 3 });
    expect((await datasets.versions("default", "my data")).map(({ version, latestVersion }) => [version, latestVersion])).toEqual([[3, 3], [2, 3], [1, 3]]); // biome-ignore format: short
    expect(await datasets.named("default", "my data", 2)).toMatchObject({ version: 2, definition: files("b") });
    expect(await datasets.named("default", "my data", 9)).toBeUndefined();
    const { datasetId } = await datasets.save("default", files("a"));
    expect(await datasets.registrationOf("default", datasetId)).toMatchObject({ version: 3 });
  });

  it("versions registered at once by two servers are different ones", async () => {
    const { datasets } = await open();
    const other = (await again()).datasets;
    const made = await Promise.all(
      ["a", "b", "c", "d"].map((path, index) =>
        (index % 2 ? datasets : other).register("default", "n", files(path), { createNewVersion: true }),
      ),
    );
    expect(new Set((await datasets.versions("default", "n")).map(({ datasetId }) => datasetId)).size).toBe(4);
    expect(made).toHaveLength(4);
  });

  it("datasets are archived, deprecated and taken up again by name; archived ones are not listed", async () => {
    const { datasets } = await open();
    for (const name of ["b", "a", "c"]) await datasets.register("default", name, files(name), { createNewVersion: false });
    const page = await datasets.list("default", { limit: 2 });
    expect(page).toMatchObject({ items: [{ name: "a" }, { name: "b" }], next: "b" });
    expect((await datasets.list("default", { limit: 2, after: "b" })).items).toMatchObject([{ name: "c" }]);
    expect(await datasets.update("default", "a", undefined, { state: "archived" })).toMatchObject({ state: "archived" });
    expect((await datasets.list("default", { limit: 9 })).items.map(({ name }) => name)).toEqual(["b", "c"]);
    expect((await datasets.list("default", { limit: 9, archived: true })).items).toHaveLength(3);
    expect(await datasets.update("default", "b", 1, { state: "deprecated", deprecatedBy: "x" })).toMatchObject({ deprecatedBy: "x" });
    expect(await datasets.register("default", "b", files("z"), { createNewVersion: true })).toMatchObject({ state: "deprecated" });
    expect(await datasets.update("default", "b", undefined, { state: "active" })).toMatchObject({ state: "active", deprecatedBy: null });
    expect(await datasets.update("default", "b", 1, { tags: { a: "1", b: null }, description: "new" })).toMatchObject({
      description: "new",
    });
    expect(await datasets.update("default", "b", 1, { removeTags: ["a"] })).toMatchObject({ tags: { b: null }, description: "new" });
    expect(await datasets.update("default", "none", undefined, { state: "active" })).toBeUndefined();
    expect(await datasets.unregister("default", "b")).toBe(true);
    expect(await datasets.named("default", "b")).toBeUndefined();
    expect(await datasets.unregister("default", "b")).toBe(false);
  });

  it("a run remembers what it reads, and holds the blobs until it is over", async () => {
    const store = await open();
    const input: RunInput = {
      ...{ name: "x", section: "data", mode: "mount", root: sha("e"), file: null, files: 1, bytes: 2, variable: null },
      ...{ pathOnCompute: null, dataset: null, datastore: "s", path: "a" },
    };
    const data = { inputs: [input], outputs: [] };
    await store.runs.create({ ...newRun("r1"), data });
    await store.runs.create(newRun("r2"));
    expect((await store.runs.view("r1"))?.data).toEqual(data);
    expect((await store.runs.view("r2"))?.data).toEqual(NO_RUN_DATA);
    expect(await store.runData.get("r2")).toBeUndefined();
    expect(await store.runData.roots()).toEqual([sha("e")]);
    const run = (await store.runs.get("r1"))!;
    await store.runs.replace(run, { ...run, state: "ended", outcome: "canceled", endedAt: new Date() });
    expect(await store.runData.roots()).toEqual([]);
    await store.runData.replace("r1", { inputs: [], outputs: [] });
    expect((await store.runs.view("r1"))?.data).toEqual({ inputs: [], outputs: [] });
  });
});
