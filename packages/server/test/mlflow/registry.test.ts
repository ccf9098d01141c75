import type { Model, ModelFile, Run } from "@switchyard/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { placeOfSource } from "../../src/models/source.ts";
import { asRun } from "../support/runToken.ts";
import { frame, sha256, TemporaryServer } from "../support/temporaryServer.ts";

let server: TemporaryServer;
beforeAll(async () => {
  server = await TemporaryServer.start();
});
afterAll(() => server.close());

interface Told {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes, each looked at by its test
  readonly body: any;
}

/** Asks below `/api/2.0/mlflow` as the home's owner; a GET's parameters go into the query. */
async function mlflow(
  method: string,
  path: string,
  input: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Promise<Told> {
  const query = method === "GET" ? `?${new URLSearchParams(input as Record<string, string>)}` : "";
  const response = await fetch(`${server.server.url}/api/2.0/mlflow/${path}${query}`, {
    method,
    headers: { authorization: `Bearer ${server.server.token}`, ...headers },
    ...(method === "GET" ? {} : { body: JSON.stringify(input) }),
  });
  return { status: response.status, body: await response.json() };
}

const create = (name: string) => mlflow("POST", "registered-models/create", { name });
const version = (name: string, source: string, more: object = {}) => mlflow("POST", "model-versions/create", { name, source, ...more });
const artifact = async (path: string) => {
  const authorization = `Bearer ${server.server.token}`;
  return await fetch(`${server.server.url}/api/2.0/mlflow-artifacts/artifacts/${path}`, { headers: { authorization } });
};

async function runWith(files: Record<string, string>): Promise<string> {
  const run = { experimentName: "train", snapshotId: null };
  const { runId } = await server.get<Run>("POST", "/workspaces/default/interactive-runs", run);
  for (const [path, text] of Object.entries(files))
    await server.get("PUT", `/workspaces/default/runs/${runId}/files/${path}`, Buffer.from(text));
  return runId;
}

describe("one store", () => {
  it("has a model that MLflow registered whole in our API, with its files", async () => {
    const runId = await runWith({ "model/MLmodel": "flavors", "model/data/w": "weights", "azureml-logs/x.txt": "log" });
    await create("either");
    const made = await version("either", `runs:/${runId}/model`, { run_id: runId, description: "d", tags: [{ key: "a", value: "1" }] });
    expect(made.body.model_version).toMatchObject({ name: "either", version: "1", status: "READY", source: `runs:/${runId}/model` });
    await mlflow("POST", "registered-models/alias", { name: "either", alias: "best", version: "1" });
    await mlflow("POST", "model-versions/transition-stage", { name: "either", version: "1", stage: "staging" });
    const model = await server.get<Model>("GET", "/workspaces/default/models/either/versions/1");
    expect(model).toMatchObject({ id: "either:1", description: "d", tags: { a: "1" }, aliases: ["best"], stage: "Staging" });
    expect(model).toMatchObject({ runId, experimentName: "train", path: "model", files: 2, bytes: 14 });
    const files = await server.get<ModelFile[]>("GET", "/workspaces/default/models/either/versions/1/files");
    expect(files.map(({ path }) => path)).toEqual(["model/MLmodel", "model/data/w"]);
    await server.get("PATCH", "/workspaces/default/models/either/versions/1", { tags: { b: "2" } });
    const { body } = await mlflow("GET", "model-versions/get", { name: "either", version: "1" });
    expect(body.model_version.tags).toEqual([{ key: "a", value: "1" }, { key: "b", value: "2" }]); // biome-ignore format: short
  });

  it("has a model that was registered in our API whole in MLflow's, with its files", async () => {
    await server.get("POST", "/blobs", frame(["A", "BB"]));
    const content = [{ path: "net/a", sha256: sha256("A") }, { path: "net/sub/b", sha256: sha256("BB") }]; // biome-ignore format: short
    await server.get("POST", "/workspaces/default/models", { name: "ours", files: { path: "net", content }, tags: { t: "1" } });
    const { body } = await mlflow("GET", "registered-models/get", { name: "ours" });
    expect(body.registered_model.latest_versions).toMatchObject([
      { version: "1", current_stage: "None", tags: [{ key: "t", value: "1" }] },
    ]);
    const uri = (await mlflow("GET", "model-versions/get-download-uri", { name: "ours", version: "1" })).body.artifact_uri as string;
    expect(uri).toBe("mlflow-artifacts:/registered-models/ours/1");
    const folder = uri.replace("mlflow-artifacts:/", "");
    expect(await (await artifact(`${folder}/sub/b`)).text()).toBe("BB");
    const list = await fetch(`${server.server.url}/api/2.0/mlflow-artifacts/artifacts?path=${folder}`, {
      headers: { authorization: `Bearer ${server.server.token}` },
    });
    expect(await list.json()).toEqual({ files: [{ path: "a", is_dir: false, file_size: 1 }, { path: "sub", is_dir: true }] }); // biome-ignore format: short
    expect((await artifact(`${folder}/none`)).status).toBe(404);
    expect((await artifact("registered-models/ours/9/a")).status).toBe(404);
    const put = await fetch(`${server.server.url}/api/2.0/mlflow-artifacts/artifacts/${folder}/a`, {
      method: "PUT",
      headers: { authorization: `Bearer ${server.server.token}` },
      body: "changed",
    });
    expect([put.status, ((await put.json()) as { error_code: string }).error_code]).toEqual([403, "PERMISSION_DENIED"]);
    const copy = await version("ours", "models:/ours/1");
    expect(copy.body.model_version).toMatchObject({ version: "2", source: "models:/ours/1" });
    expect(await (await artifact("registered-models/ours/2/a")).text()).toBe("A");
  });

  it("finds files that come home after the model was registered", async () => {
    const runId = await runWith({});
    await create("early");
    expect((await version("early", `runs:/${runId}/model`, { run_id: runId })).status).toBe(200);
    expect(await server.problem("GET", "/workspaces/default/models/early/versions/1/files")).toMatchObject({ code: "not_found" });
    await server.get("PUT", `/workspaces/default/runs/${runId}/files/model/w`, Buffer.from("late"));
    expect(await server.get("GET", "/workspaces/default/models/early/versions/1/files")).toMatchObject([{ path: "model/w", size: 4 }]);
    expect(await server.get("GET", "/workspaces/default/models/early/versions/1")).toMatchObject({ files: 1 });
  });

  it("says where the files of a model are that are not here", async () => {
    await create("far");
    await version("far", "s3://bucket/model", { run_id: "theirs" });
    const problem = await server.problem("GET", "/workspaces/default/models/far/versions/1/files");
    expect(problem).toMatchObject({ code: "not_found", detail: expect.stringContaining("s3://bucket/model") });
    expect((await mlflow("GET", "model-versions/get-download-uri", { name: "far", version: "1" })).body.artifact_uri).toBe(
      "s3://bucket/model",
    );
  });
});

describe("a search", () => {
  it("goes by filter and order, page by page, and leaves prompts out unless they are asked for", async () => {
    for (const name of ["find-a", "find-b", "find-c"]) await create(name);
    await mlflow("POST", "registered-models/set-tag", { name: "find-b", key: "team x", value: "it's" });
    await mlflow("POST", "registered-models/create", { name: "find-prompt", tags: [{ key: "mlflow.prompt.is_prompt", value: "true" }] });
    const names = async (input: object) => {
      const { body } = await mlflow("GET", "registered-models/search", { max_results: "10", ...input });
      return (body.registered_models as { name: string }[]).map(({ name }) => name);
    };
    expect(await names({ filter: "name LIKE 'find-%'" })).toEqual(["find-a", "find-b", "find-c"]);
    expect(await names({ filter: "name ILIKE 'FIND-%' AND tags.\"team x\" = 'it''s'" })).toEqual(["find-b"]);
    expect(await names({ filter: "name LIKE 'find-%'", order_by: "name DESC" })).toEqual(["find-c", "find-b", "find-a"]);
    expect(await names({ filter: "tags.`mlflow.prompt.is_prompt` = 'true'" })).toEqual(["find-prompt"]);
    expect(await names({ filter: "name LIKE 'find-%' and tags.`mlflow.prompt.is_prompt` != 'true'" })).toHaveLength(3);
    const first = await mlflow("GET", "registered-models/search", { filter: "name LIKE 'find-%'", max_results: "2" });
    const rest = { filter: "name LIKE 'find-%'", max_results: "2", page_token: first.body.next_page_token as string };
    expect((await mlflow("GET", "registered-models/search", rest)).body.registered_models).toMatchObject([{ name: "find-c" }]);
  });

  it.each([
    ["registered-models/search", { filter: "name = 'x'; drop table models" }, "Invalid clause"],
    ["registered-models/search", { filter: "name = 'x' OR 1=1" }, "Invalid clause"],
    ["registered-models/search", { filter: "nmae = 'x'" }, "Valid keys are 'name'"],
    ["registered-models/search", { filter: "name = 5" }, "quoted string"],
    ["registered-models/search", { filter: "name = 'x" }, "never closed"],
    ["registered-models/search", { filter: "tags.a IS NULL" }, "Invalid comparator"],
    ["registered-models/search", { order_by: "description" }, "Invalid attribute key"],
    ["registered-models/search", { order_by: "tags.a" }, "cannot be ordered"],
    ["registered-models/search", { max_results: "0" }, "max_results"],
    ["registered-models/search", { max_results: "1001" }, "max_results"],
    ["registered-models/search", { max_results: "many" }, "max_results"],
    ["registered-models/search", { page_token: "junk" }, "page token"],
    ["model-versions/search", { filter: "version_number = 'one'" }, "numeric value"],
    ["model-versions/search", { filter: "run_id IN ('a', 'b'" }, "expected a comma"],
  ])("%s %j is refused", async (path, input, words) => {
    const { status, body } = await mlflow("GET", path, input);
    expect([status, body.error_code, body.message]).toEqual([400, "INVALID_PARAMETER_VALUE", expect.stringContaining(words)]);
  });

  it("takes what looks like SQL for the text that it is", async () => {
    const filter = "name = 'x'' or ''1''=''1' and run_id IN (''') or 1=1 --')";
    expect(await mlflow("GET", "model-versions/search", { filter })).toEqual({ status: 200, body: { model_versions: [] } });
  });
});

describe("what is refused", () => {
  beforeAll(async () => {
    await create("here");
    await version("here", "s3://bucket/model");
  });
  const many = (length: number) => "x".repeat(length);

  it.each([
    ["POST", "registered-models/create", {}, 400, "Missing value for required parameter 'name'"],
    ["POST", "registered-models/create", { name: 7 }, 400, "Invalid value 7 for parameter 'name'"],
    ["POST", "registered-models/create", { name: "a/b" }, 400, "Invalid model name"],
    ["POST", "registered-models/create", { name: "a:b" }, 400, "Invalid model name"],
    ["POST", "registered-models/create", { name: many(300) }, 400, "Invalid model name"],
    ["POST", "registered-models/create", { name: "here" }, 400, "Registered Model (name=here) already exists"],
    ["POST", "registered-models/create", { name: "t", tags: "a" }, 400, "parameter 'tags'"],
    ["POST", "registered-models/create", { name: "t", tags: [{ key: many(300), value: "" }] }, 400, "maximum length"],
    ["POST", "registered-models/set-tag", { name: "here", key: "../x", value: "" }, 400, "key"],
    ["POST", "registered-models/rename", { name: "gone", new_name: "x" }, 404, "Registered Model with name=gone not found"],
    ["POST", "registered-models/rename", { name: "here", new_name: "ours" }, 400, "already exists"],
    ["DELETE", "registered-models/delete", { name: "gone" }, 404, "not found"],
    ["GET", "registered-models/get", { name: "gone" }, 404, "not found"],
    ["POST", "registered-models/alias", { name: "here", alias: "latest", version: "1" }, 400, "reserved"],
    ["POST", "registered-models/alias", { name: "here", alias: "v3", version: "1" }, 400, "reserved"],
    ["POST", "registered-models/alias", { name: "here", alias: "a b", version: "1" }, 400, "Invalid alias"],
    ["POST", "registered-models/alias", { name: "here", alias: "a", version: "9" }, 404, "Model Version (name=here, version=9) not found"],
    ["GET", "registered-models/alias", { name: "here", alias: "none" }, 400, "Registered model alias none not found"],
    ["POST", "model-versions/create", { name: "gone", source: "s3://b/m" }, 404, "name=gone not found"],
    ["POST", "model-versions/create", { name: "here" }, 400, "'source'"],
    ["POST", "model-versions/create", { name: "here", source: "/etc/passwd" }, 400, "To use a local path"],
    ["POST", "model-versions/create", { name: "here", source: "file:///etc/passwd" }, 400, "To use a local path"],
    ["POST", "model-versions/create", { name: "here", source: "../x" }, 400, "To use a local path"],
    ["POST", "model-versions/create", { name: "here", source: "mlflow-artifacts:/a/%252e%252e/b" }, 400, "may hold no '..'"],
    ["POST", "model-versions/create", { name: "here", source: "runs:/r/../../x" }, 400, "may hold no '..'"],
    ["POST", "model-versions/create", { name: "here", source: "models:/here/99" }, 404, "version=99"],
    ["POST", "model-versions/create", { name: "here", source: "models:/here" }, 400, "names no version"],
    ["POST", "model-versions/create", { name: "here", source: "models:/m-none" }, 404, "m-none"],
    ["GET", "model-versions/get", { name: "here", version: "one" }, 400, "Parameter 'version' must be an integer, got 'one'."],
    ["GET", "model-versions/get", { name: "here", version: "9" }, 404, "Model Version (name=here, version=9) not found"],
    ["POST", "model-versions/transition-stage", { name: "here", version: "1", stage: "Prod" }, 400, "Invalid Model Version stage: Prod"],
    [
      "POST",
      "model-versions/transition-stage",
      { name: "here", version: "1", stage: "None", archive_existing_versions: true },
      400,
      "archive",
    ],
    ["DELETE", "model-versions/delete", { name: "here", version: "9" }, 404, "not found"],
  ])("%s %s %j", async (method, path, input, status, words) => {
    const told = await mlflow(method, path, input as Record<string, unknown>);
    expect([told.status, told.body.message]).toEqual([status, expect.stringContaining(words)]);
  });

  it("is what a run's token asks of other runs", async () => {
    const [own, other] = [await runWith({ "model/w": "own" }), await runWith({ "model/w": "other" })];
    const run = await asRun(server, own);
    const make = (source: string, more: object = {}) => mlflow("POST", "model-versions/create", { name: "here", source, ...more }, run);
    expect((await make(`runs:/${own}/model`)).body.model_version).toMatchObject({ run_id: own });
    for (const refused of [
      await make(`runs:/${other}/model`),
      await make(`mlflow-artifacts:/0/${other}/artifacts/model`),
      await make("s3://b/m", { run_id: other }),
    ]) {
      expect([refused.status, refused.body.error_code]).toEqual([403, "PERMISSION_DENIED"]);
    }
    const early = await make("models:/m-0123abc", { model_id: "m-0123abc" }); // its journal is on the way
    expect(early.body.model_version).toMatchObject({ run_id: own, model_id: "m-0123abc", source: "models:/m-0123abc" });
    expect((await version("here", "models:/m-0123abc")).status).toBe(404);
    expect((await mlflow("POST", "model-versions/set-tag", { name: "here", version: "1", key: "a", value: "b" }, run)).status).toBe(403);
    expect((await mlflow("POST", "model-versions/set-tag", { name: "here", version: "2", key: "a", value: "b" }, run)).status).toBe(200);
    expect((await mlflow("DELETE", "registered-models/delete", { name: "here" }, run)).status).toBe(403);
  });
});

describe("the source of a model", () => {
  it.each([
    ["runs:/r_1/model", { runId: "r_1", path: "model" }],
    ["runs:/r_1/a//b/./c/", { runId: "r_1", path: "a/b/c" }],
    ["mlflow-artifacts:/0/r_1/artifacts/a/b", { runId: "r_1", path: "a/b" }],
    ["mlflow-artifacts:///0/r_1/artifacts", { runId: "r_1", path: "" }],
    ["mlflow-artifacts:/0/models/m-1/artifacts", { loggedModelId: "m-1", path: "" }],
    ["mlflow-artifacts://host:1/0/r_1/artifacts/a", null],
    ["mlflow-artifacts:/0/r_1", null],
    ["runs:/r_1/a/../../b", null],
    ["models:/m-0a1", { loggedModelId: "m-0a1", path: "" }],
    ["models:/name/1", null],
    ["runs:/r_1", null],
    ["s3://bucket/0/r_1/artifacts/a", null],
    ["", null],
  ])("%s", (source, place) => {
    expect(placeOfSource(source)).toEqual(place);
  });
});
