import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Model, ModelFile, Page, Run } from "@switchyard/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asRun } from "./support/runToken.ts";
import { frame, sha256, TemporaryServer } from "./support/temporaryServer.ts";

const WS = "/workspaces/default";
const MODELS = `${WS}/models`;

let server: TemporaryServer;
beforeAll(async () => {
  server = await TemporaryServer.start();
});
afterAll(() => server.close());

/** Sends files and registers them. */
async function register(name: string, files: Record<string, string>, more: object = {}): Promise<Model> {
  await server.get("POST", "/blobs", frame(Object.values(files)));
  return await server.get<Model>("POST", MODELS, { name, files: filesOf(files), ...more });
}

const filesOf = (files: Record<string, string>) => ({
  path: Object.keys(files)[0]?.split("/")[0],
  content: Object.entries(files).map(([path, text]) => ({ path, sha256: sha256(text) })),
});

async function runWith(files: Record<string, string>): Promise<string> {
  const { runId } = await server.get<Run>("POST", `${WS}/interactive-runs`, { experimentName: "train", snapshotId: null });
  for (const [path, text] of Object.entries(files)) await server.get("PUT", `${WS}/runs/${runId}/files/${path}`, Buffer.from(text));
  return runId;
}

const textOf = async (id: string, path: string) => {
  const [name, version] = id.split(":");
  return await (await server.ask("GET", `${MODELS}/${name}/versions/${version}/files/${path}`)).text();
};
const idsOf = async (query: string) => (await server.get<Page<Model>>("GET", `${MODELS}?${query}`)).items.map(({ id }) => id);

describe("a model of files that were sent", () => {
  it("is registered, shown, and read file by file", async () => {
    const more = {
      ...{
        description: "reads digits",
        tags: { area: "vision" },
        properties: { p: "1" },
        framework: "ScikitLearn",
        frameworkVersion: "1.9",
      },
      ...{ resourceConfiguration: { cpu: 1, memoryInGB: 0.5 }, datasets: [{ purpose: "training", datasetId: "d1" }] },
      ...{ sampleInputDatasetId: "in", sampleOutputDatasetId: "out" },
    };
    const model = await register("digits", { "net/a.txt": "A", "net/sub/b.txt": "BB" }, more);
    expect(model).toMatchObject({ ...more, id: "digits:1", path: "net", files: 2, bytes: 3, runId: null, stage: "None", source: null });
    expect(model.resourceConfiguration).toEqual({ cpu: 1, memoryInGB: 0.5, gpu: null });
    expect(await server.get("GET", `${MODELS}/digits/versions/1`)).toEqual(model);
    expect(await server.get("GET", `${MODELS}/digits`)).toEqual(model);
    const files = await server.get<ModelFile[]>("GET", `${MODELS}/digits/versions/1/files`);
    expect(files.map(({ path, size }) => [path, size])).toEqual([["net/a.txt", 1], ["net/sub/b.txt", 2]]); // biome-ignore format: short
    expect(await textOf("digits:1", "net/sub/b.txt")).toBe("BB");
    const part = await server.ask("GET", `${MODELS}/digits/versions/1/files/net/sub/b.txt`, undefined, { range: "bytes=1-1" });
    expect([part.status, await part.text()]).toEqual([206, "B"]);
  });

  it("gets the next version each time, once for one key", async () => {
    expect((await register("digits", { "m.pkl": "two" })).id).toBe("digits:2");
    const body = { name: "digits", files: filesOf({ "m.pkl": "two" }) };
    const keyed = () => server.get<Model>("POST", MODELS, body, { "idempotency-key": "once" });
    expect([(await keyed()).version, (await keyed()).version]).toEqual([3, 3]);
    expect(await idsOf("name=digits")).toEqual(["digits:3", "digits:2", "digits:1"]);
  });

  it("is refused with words when something is wrong with it", async () => {
    await server.get("POST", "/blobs", frame(["x"]));
    const file = (path: string) => ({ path, sha256: sha256("x") });
    const wrong: [object, string, RegExp][] = [
      [{ files: { path: "m", content: [file("m")] } }, "bad_request", /name/],
      ...["a/b", "a:b", "", "..", " a", "x".repeat(300), "a\nb"].map((name): [object, string, RegExp] => [
        { name, files: { path: "m", content: [file("m")] } },
        "bad_request",
        /name/,
      ]),
      [{ name: "m" }, "bad_request", /either files or fromRun/],
      [{ name: "m", files: { path: "m", content: [] } }, "bad_request", /content/],
      [{ name: "m", files: { path: "m", content: [file("../m")] } }, "bad_request", /relative/],
      [{ name: "m", files: { path: "m", content: [file("/etc/passwd")] } }, "bad_request", /relative/],
      [{ name: "m", files: { path: "m", content: [file("n/a")] } }, "bad_request", /not at or below "m"/],
      [{ name: "m", files: { path: "m", content: [file("m/a"), file("m/a")] } }, "bad_request", /twice/],
      [{ name: "m", files: { path: "m", content: [file("m/a"), file("m/a/b")] } }, "bad_request", /a file of the model and a folder/],
      [{ name: "m", tags: { a: 1 }, files: { path: "m", content: [file("m")] } }, "bad_request", /tags/],
      [{ name: "m", fromRun: { runId: "none", path: "outputs" } }, "not_found", /There is no run "none"/],
      [{ name: "m", files: { path: "m", content: [file("m")] }, runId: "none" }, "not_found", /There is no run "none"/],
      [{ name: "m", fromRun: { runId: "none", path: "../outputs" } }, "bad_request", /relative/],
    ];
    for (const [body, code, words] of wrong) {
      const problem = await server.problem("POST", MODELS, body);
      expect([problem.code, problem.detail], JSON.stringify(body)).toEqual([code, expect.stringMatching(words)]);
    }
    expect(await idsOf("name=m")).toEqual([]);
  });

  it("whose upload broke off says what is missing, and can be sent again", async () => {
    const files = { "net/one": "is here", "net/two": "was cut" };
    await server.get("POST", "/blobs", frame(["is here"]));
    const body = { name: "cut", files: filesOf(files) };
    const problem = await server.problem("POST", MODELS, body);
    expect(problem).toMatchObject({ code: "snapshot_incomplete", details: { missing: [sha256("was cut")] } });
    expect(problem.detail).toContain("1 of the model's 2 files");
    const cut = frame(["was cut"]).subarray(0, 43);
    expect(await server.problem("POST", "/blobs", cut)).toMatchObject({ code: "bad_request" });
    expect(await server.problem("POST", MODELS, body)).toMatchObject({ code: "snapshot_incomplete" });
    await server.get("POST", "/blobs", frame(["was cut"]));
    expect(await server.get<Model>("POST", MODELS, body)).toMatchObject({ id: "cut:1", bytes: 14 });
  });
});

describe("a model of a run's files", () => {
  it("copies nothing, knows its run, and stays when the run's file changes its name", async () => {
    const runId = await runWith({
      "outputs/model.pkl": "weights",
      "outputs/net/MLmodel": "m",
      "outputs/net/data/w": "w",
      "outputs/network": "n",
    });
    const one = await server.get<Model>("POST", MODELS, { name: "from-run", fromRun: { runId, path: "outputs/model.pkl" } });
    expect(one).toMatchObject({ runId, experimentName: "train", runPath: "outputs/model.pkl", path: "model.pkl", files: 1, bytes: 7 });
    expect(await textOf("from-run:1", "model.pkl")).toBe("weights");
    const blob = join(server.home, "artifacts", "blobs", sha256("weights").slice(0, 2), sha256("weights").slice(2));
    const own = join(server.home, "artifacts", "runs", runId, "files", "outputs", "model.pkl");
    expect(statSync(blob).ino).toBe(statSync(own).ino);
    const two = await server.get<Model>("POST", MODELS, { name: "from-run", fromRun: { runId, path: "outputs/net" } });
    expect(two).toMatchObject({ path: "net", files: 2 });
    expect(await textOf("from-run:2", "net/data/w")).toBe("w");
    expect(await idsOf(`runId=${runId}`)).toEqual(["from-run:2", "from-run:1"]);
  });

  it("that is not there is refused with the nearest name", async () => {
    const runId = await runWith({ "outputs/model.pkl": "x" });
    const problem = await server.problem("POST", MODELS, { name: "gone", fromRun: { runId, path: "outputs/modle.pkl" } });
    expect(problem).toMatchObject({ code: "not_found", detail: expect.stringContaining('The nearest is "outputs/model.pkl"') });
    expect(await idsOf("name=gone")).toEqual([]);
  });

  it("is registered by that run or a run above it, not by another", async () => {
    const runId = await runWith({ "outputs/model.pkl": "own" });
    const other = await runWith({ "outputs/model.pkl": "other" });
    const run = await asRun(server, runId);
    const made = await server.get<Model>("POST", MODELS, { name: "by-run", fromRun: { runId, path: "outputs/model.pkl" } }, run);
    expect(made).toMatchObject({ runId, version: 1 });
    const foreign = { name: "by-run", fromRun: { runId: other, path: "outputs/model.pkl" } };
    expect(await server.problem("POST", MODELS, foreign, run)).toMatchObject({ code: "forbidden" });
    expect(await server.get<Model>("PATCH", `${MODELS}/by-run/versions/1`, { tags: { a: "1" } }, run)).toMatchObject({ tags: { a: "1" } });
    expect(await server.problem("PATCH", `${MODELS}/digits/versions/1`, { tags: { a: "1" } }, run)).toMatchObject({ code: "forbidden" });
    expect(await server.problem("DELETE", `${MODELS}/by-run/versions/1`, undefined, run)).toMatchObject({ code: "forbidden" });
    expect(await server.get("GET", `${MODELS}/digits/versions/1`, undefined, run)).toMatchObject({ id: "digits:1" });
    const sent = { name: "by-run", files: filesOf({ "m.pkl": "two" }) };
    expect(await server.get("POST", MODELS, sent, run)).toMatchObject({ id: "by-run:2", runId });
  });
});

describe("models", () => {
  it("are found by tag, property, framework and as the newest of each", async () => {
    await register("f", { m: "1" }, { tags: { stage: "x" }, framework: "Onnx" });
    await register("f", { m: "2" }, { tags: { stage: "y" }, properties: { q: "a=b" } });
    await register("g", { m: "3" }, { tags: { stage: "x" } });
    expect(await idsOf("tag=stage")).toEqual(["g:1", "f:2", "f:1"]);
    expect(await idsOf("tag=stage=x&name=f")).toEqual(["f:1"]);
    expect(await idsOf("tag=stage=x&tag=none")).toEqual([]);
    expect(await idsOf("property=q=a=b")).toEqual(["f:2"]);
    expect(await idsOf("framework=Onnx")).toEqual(["f:1"]);
    expect(await idsOf("tag=stage&latest=true")).toEqual(["g:1", "f:2"]);
    const first = await server.get<Page<Model>>("GET", `${MODELS}?tag=stage&limit=2`);
    expect(first.items).toHaveLength(2);
    expect(await idsOf(`tag=stage&limit=2&after=${first.next}`)).toEqual(["f:1"]);
    expect(await server.problem("GET", `${MODELS}?after=junk`)).toMatchObject({ code: "bad_request" });
    expect(await server.problem("GET", `${MODELS}?tags=a`)).toMatchObject({ detail: expect.stringContaining('did you mean "tag"') });
  });

  it("change, and their properties do not", async () => {
    const changes = {
      description: "d",
      tags: { a: "1" },
      properties: { new: "1" },
      framework: "Custom",
      datasets: [{ purpose: "validation", datasetId: "v" }],
    };
    const changed = await server.get<Model>("PATCH", `${MODELS}/digits/versions/1`, { ...changes, removeTags: ["area"] });
    expect(changed).toMatchObject({ description: "d", tags: { a: "1" }, properties: { p: "1", new: "1" }, framework: "Custom" });
    expect(changed.datasets).toEqual([{ purpose: "training", datasetId: "d1" }, { purpose: "validation", datasetId: "v" }]); // biome-ignore format: short
    const problem = await server.problem("PATCH", `${MODELS}/digits/versions/1`, { properties: { p: "2" } });
    expect(problem).toMatchObject({ code: "conflict", detail: expect.stringContaining('"p" with another value') });
    expect(await server.problem("PATCH", `${MODELS}/digits/versions/1`, { name: "x" })).toMatchObject({ code: "bad_request" });
  });

  it("that are not there are told apart", async () => {
    const detail = async (path: string) => (await server.problem("GET", `${MODELS}/${path}`)).detail;
    expect(await detail("nobody/versions/1")).toContain('There is no model "nobody"');
    expect(await detail("digits/versions/99")).toContain('Model "digits" has no version 99');
    expect(await detail("digits/versions/x")).toContain("version");
    expect(await detail("digits/versions/1/files/net/none")).toContain('has no file "net/none"');
    expect(await detail("digits/versions/1/files/..%2f..%2fetc%2fpasswd")).toContain("has no file");
    expect(await detail("nobody")).toContain('There is no model "nobody"');
  });

  it("leave when they are deleted, and others keep what they share", async () => {
    await register("kept", { m: "shared bytes" });
    await register("gone", { m: "shared bytes" });
    await register("gone", { m: "bytes of one" });
    for (const version of [1, 2]) await server.get("DELETE", `${MODELS}/gone/versions/${version}`);
    expect(await server.problem("DELETE", `${MODELS}/gone/versions/1`)).toMatchObject({ code: "not_found" });
    expect((await register("gone", { m: "again" })).id).toBe("gone:3");
    const blobs = () => readdirSync(join(server.home, "artifacts", "blobs"), { recursive: true }).map(String);
    const pathOf = (text: string) => join(sha256(text).slice(0, 2), sha256(text).slice(2));
    await server.get("POST", "/gc", { dryRun: false, environmentsUnusedDays: 30 });
    expect(blobs()).toContain(pathOf("shared bytes"));
    expect(await textOf("kept:1", "m")).toBe("shared bytes");
  });
});
