import type { EnvironmentDefinition, ExperimentView } from "@switchyard/protocol";
import { IdempotencyMismatch } from "@switchyard/protocol";
import { expect, it } from "vitest";
import { newRun } from "../src/testing/index.ts";
import { onEveryDatabase } from "./everyDatabase.ts";

const environment = (fields: Partial<EnvironmentDefinition> = {}): EnvironmentDefinition => ({
  name: "train",
  environmentVariables: {},
  python: { userManagedDependencies: false, condaDependencies: { name: "x", dependencies: ["python=3.11"] } },
  ...fields,
});

onEveryDatabase("registries", ({ open, again }) => {
  it("workspaces are made once", async () => {
    const store = await open();
    const made = await Promise.all(Array.from({ length: 5 }, () => store.workspaces.ensure("team")));
    expect(made.filter((workspace) => workspace.created)).toHaveLength(1);
    expect(new Set(made.map((workspace) => workspace.id)).size).toBe(1);
    await store.workspaces.ensure("alpha");
    expect((await store.workspaces.list()).map((workspace) => workspace.name)).toEqual(["alpha", "team"]);
    expect(await store.workspaces.get("none")).toBeUndefined();
  });

  it("what is said of a workspace is kept, and changed one at a time", async () => {
    const store = await open();
    expect((await store.workspaces.ensure("plain")).details).toMatchObject({ sku: "basic", tags: {}, description: null });
    await store.workspaces.ensure("team", { description: "ours" });
    await store.workspaces.ensure("team", { description: "theirs" });
    const add = (n: number) => store.workspaces.update("team", (was) => ({ ...was, tags: { ...was.tags, [n]: "x" } }));
    await Promise.all([1, 2, 3, 4].map(add));
    expect((await store.workspaces.get("team"))?.details).toMatchObject({ description: "ours", tags: { 1: "x", 2: "x", 3: "x", 4: "x" } });
    await expect(store.workspaces.update("none", (was) => was)).rejects.toThrow('There is no workspace "none"');
  });

  it("a workspace goes with all that is in it, and with nothing of another", async () => {
    const store = await open();
    for (const name of ["trial", "team"]) {
      await store.workspaces.ensure(name);
      await store.experiments.ensure(name, "e");
      await store.environments.register(name, environment(), "hash");
    }
    expect(await store.workspaces.remove("trial", false)).toEqual([]);
    expect(await store.workspaces.get("trial")).toBeUndefined();
    expect((await store.experiments.list("trial", { limit: 9 })).items).toEqual([]);
    expect(await store.environments.list("trial")).toEqual([]);
    expect((await store.experiments.list("team", { limit: 9 })).items).toHaveLength(1);
    expect(await store.environments.list("team")).toHaveLength(1);
    await expect(store.workspaces.remove("trial", true)).rejects.toThrow('There is no workspace "trial"');
  });

  it("experiments are listed by name, page by page", async () => {
    const store = await open();
    for (const name of ["c", "a", "B"]) await store.experiments.ensure("default", name);
    await store.experiments.ensure("default", "a");
    const first = await store.experiments.list("default", { limit: 2 });
    expect(first).toMatchObject({ items: [{ name: "B", runs: 0 }, { name: "a" }], next: "a" });
    expect(await store.experiments.list("default", { limit: 2, after: "a" })).toMatchObject({ items: [{ name: "c" }], next: null });
    expect((await store.experiments.list("other", { limit: 2 })).items).toEqual([]);
  });

  it("experiments have tags, and are archived with their runs and brought back", async () => {
    const store = await open();
    await store.runs.create(newRun("a", { experiment: "e" }));
    const found = async () => (await store.experiments.get("default", "e"))!;
    const { experimentId } = await found();
    await store.experiments.changeTags(await found(), { team: "a", draft: "" });
    await store.experiments.changeTags(await found(), { team: "b", draft: null, none: null });
    expect(await store.experiments.get("default", experimentId)).toMatchObject({ name: "e", tags: { team: "b" }, archivedUtc: null });
    expect((await store.trackedExperiments.get("default", experimentId)).tags).toEqual({ team: "b" });

    await store.experiments.setArchived("default", await found(), new Date());
    await store.experiments.setArchived("default", await found(), new Date());
    const names = async (view: ExperimentView) =>
      (await store.experiments.list("default", { limit: 9, view })).items.map(({ name }) => name);
    await store.experiments.ensure("default", "other");
    expect([await names("active"), await names("archived"), await names("all")]).toEqual([["other"], ["e"], ["e", "other"]]);
    const listed = async (query: object) =>
      (await store.runs.list("default", { limit: 9, includeChildren: false, order: "-created", ...query } as never)).items.map(
        ({ record }) => record.id,
      );
    expect([await listed({}), await listed({ experiment: "e" })]).toEqual([[], ["a"]]);
    await expect(store.experiments.changeTags(await found(), { team: null })).rejects.toThrow("is archived. Bring it back");
    await expect(store.runs.create(newRun("b", { experiment: "e" }))).rejects.toThrow("no run can begin in it");
    await store.experiments.setArchived("default", await found(), null);
    expect([await listed({}), (await found()).archivedUtc]).toEqual([["a"], null]);
  });

  it("an experiment is deleted only when it never had a run", async () => {
    const store = await open();
    const empty = await store.experiments.ensure("default", "empty");
    await store.experiments.changeTags(empty, { a: "b" });
    await store.experiments.remove(empty);
    expect(await store.experiments.get("default", "empty")).toBeUndefined();
    await store.runs.create(newRun("a", { experiment: "e" }));
    await expect(store.experiments.remove((await store.experiments.get("default", "e"))!)).rejects.toThrow("holds runs");
    // whoever comes first: a run of a new experiment of that name, or the deletion
    const racing = await store.experiments.ensure("default", "racing");
    await Promise.allSettled([store.runs.create(newRun("r", { experiment: "racing" })), store.experiments.remove(racing)]);
    expect(await store.experiments.get("default", "racing")).toMatchObject({ runs: 1 });
    expect((await store.runs.get("r"))?.experiment).toBe("racing");
  });

  it("an environment gets a new version when, and only when, its definition changes", async () => {
    const store = await open();
    const register = (fields?: Partial<EnvironmentDefinition>) => store.environments.register("default", environment(fields), "hash");
    expect((await register()).version).toBe("1");
    expect((await register({ version: "7" })).version).toBe("1");
    const { name, python, environmentVariables } = environment();
    expect((await store.environments.register("default", { python, environmentVariables, name }, "hash")).version).toBe("1");
    expect((await register({ environmentVariables: { A: "1" } })).version).toBe("2");
    expect((await register()).version).toBe("3");
    expect(await store.environments.get("default", "train", "2")).toMatchObject({
      definition: { version: "2", environmentVariables: { A: "1" } },
    });
    expect((await store.environments.get("default", "train"))?.version).toBe("3");
    for (const version of ["4", "0", "x", "1.0"]) expect(await store.environments.get("default", "train", version)).toBeUndefined();
    expect((await store.environments.versions("default", "train")).map((one) => one.version)).toEqual(["3", "2", "1"]);
    await register({ name: "other" });
    expect((await store.environments.list("default")).map((one) => [one.name, one.version])).toEqual([["other", "1"], ["train", "3"]]); // biome-ignore format: short
    expect(await store.environments.hashes()).toEqual(["hash"]);
  });

  it("environments registered at once by two servers get different versions", async () => {
    const store = await open();
    const other = await again();
    const names = ["a", "b", "c", "d", "e", "f"];
    const made = await Promise.all(
      names.map((value, index) =>
        (index % 2 ? store : other).environments.register("default", environment({ environmentVariables: { value } }), value),
      ),
    );
    expect(made.map((one) => one.version).sort()).toEqual(["1", "2", "3", "4", "5", "6"]);
  });

  it("snapshots name trees, and are found in their workspace only", async () => {
    const store = await open();
    const tree = { root: "f".repeat(64), files: 3, bytes: 5_000_000_000 };
    const [one, two] = [await store.snapshots.create("default", tree), await store.snapshots.create("default", tree)];
    expect(one).toMatchObject(tree);
    expect(one.snapshotId).not.toBe(two.snapshotId);
    expect(await store.snapshots.get(one.snapshotId)).toEqual(one);
    expect(await store.snapshots.get(one.snapshotId, "default")).toEqual(one);
    expect(await store.snapshots.get(one.snapshotId, "other")).toBeUndefined();
    expect(await store.snapshots.roots()).toEqual([tree.root]);
  });

  it("tokens are known by their secret until they are revoked or expire", async () => {
    const store = await open();
    const { token, secret } = await store.tokens.create({ scope: "run", runId: "r", user: "ada", note: "n", expiresAt: null });
    expect(secret).toMatch(/^sy_[A-Za-z0-9_-]{43}$/);
    expect(await store.tokens.verify(secret)).toEqual(token);
    for (const wrong of ["", "sy_", `${secret}x`, secret.slice(3), "sy_".padEnd(5000, "a")])
      expect(await store.tokens.verify(wrong)).toBeUndefined();
    expect(await store.tokens.revoke(token.tokenId)).toBe(true);
    expect(await store.tokens.verify(secret)).toBeUndefined();
    expect(await store.tokens.revoke("none")).toBe(false);
    expect(await store.tokens.list()).toMatchObject([{ tokenId: token.tokenId, revokedUtc: expect.any(String) }]);

    const old = await store.tokens.create({ scope: "user", runId: null, user: "ada", note: "", expiresAt: new Date(Date.now() - 1) });
    expect(await store.tokens.verify(old.secret)).toBeUndefined();
    const ofRun = await store.tokens.create({ scope: "run", runId: "r", user: null, note: "", expiresAt: null });
    await store.tokens.revokeOfRun("r");
    expect(await store.tokens.verify(ofRun.secret)).toBeUndefined();
  });

  it("settings agree between servers that set them at once", async () => {
    const store = await open();
    const other = await again();
    const [a, b] = await Promise.all([store.settings.setOnce("storage", { id: "a" }), other.settings.setOnce("storage", { id: "b" })]);
    expect(a).toEqual(b);
    await store.settings.set("storage", null);
    expect(await other.settings.get("storage")).toBeNull();
    expect(await other.settings.get("unset")).toBeUndefined();
  });

  it("results of requests are remembered by their key", async () => {
    const store = await open();
    const claim = { key: "k", requestHash: "h" };
    expect(await store.idempotency.recall(claim)).toBeUndefined();
    expect(await store.idempotency.remember(claim, { id: 1 })).toEqual({ id: 1 });
    expect(await store.idempotency.remember(claim, { id: 2 })).toEqual({ id: 1 });
    expect(await store.idempotency.recall(claim)).toEqual({ id: 1 });
    await expect(store.idempotency.recall({ ...claim, requestHash: "x" })).rejects.toThrow(IdempotencyMismatch);
    expect(await store.idempotency.prune(new Date(Date.now() + 1000))).toBe(1);
    expect(await store.idempotency.recall(claim)).toBeUndefined();
  });
});
