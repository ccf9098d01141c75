// The operations of the API on a whole server: real store, artifacts, engine and local driver.
import type { Run, RunDetails, RunFile, Token, Why } from "@switchyard/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { frame, sha256, TemporaryServer } from "./support/temporaryServer.ts";

let server: TemporaryServer;
beforeAll(async () => {
  server = await TemporaryServer.start({ heartbeatSeconds: 0.1 });
});
afterAll(() => server.close());

const WS = "/workspaces/default";

describe("beside the API", () => {
  it("a hello, health, figures and the description need no token", async () => {
    const { url } = server.server;
    expect(await (await fetch(`${url}/`)).json()).toMatchObject({ name: "Switchyard", links: { openapi: "/openapi.json" } });
    expect(await (await fetch(`${url}/healthz`)).json()).toMatchObject({ status: "ok" });
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('switchyard_runs{status="Queued"} 0');
    expect(await (await fetch(`${url}/openapi.json`)).json()).toMatchObject({ openapi: "3.1.0" });
  });

  it("status says who answers, without secrets", async () => {
    expect(await server.get("GET", "/status")).toMatchObject({
      pid: process.pid,
      url: server.server.url,
      home: server.home,
      runs: {},
    });
  });
});

describe("workspaces and experiments", () => {
  it("are made once", async () => {
    expect(await server.get("POST", "/workspaces", { name: "lab" })).toMatchObject({ name: "lab", resourceGroup: "switchyard" });
    expect(await server.problem("POST", "/workspaces", { name: "lab" })).toMatchObject({ code: "already_exists" });
    expect(await server.get("POST", "/workspaces", { name: "lab", existOk: true })).toMatchObject({ name: "lab" });
    expect(await server.get("GET", "/workspaces")).toHaveLength(2);
    expect(await server.problem("GET", "/workspaces/none")).toMatchObject({ code: "not_found" });
    expect(await server.problem("GET", "/workspaces/none/runs")).toMatchObject({ code: "not_found" });
  });

  it("keep what is said of them", async () => {
    await server.get("POST", "/workspaces", { name: "said", friendlyName: "Said", tags: { a: "1" } });
    await server.get("PATCH", "/workspaces/said", { description: "x", tags: { b: "2", a: null } });
    expect(await server.get("GET", "/workspaces/said")).toMatchObject({
      friendlyName: "Said",
      description: "x",
      tags: { b: "2" },
      sku: "basic",
    });
    expect(await server.problem("PATCH", "/workspaces/said", { tags: { a: 1 } })).toMatchObject({ code: "bad_request" });
    expect(await server.problem("PATCH", "/workspaces/none", {})).toMatchObject({ code: "not_found" });
  });

  it("go only when nothing is lost, or all is meant to go", async () => {
    await server.get("POST", "/workspaces", { name: "trial" });
    const run = await server.get<Run>("POST", "/workspaces/trial/interactive-runs", {
      experimentName: "e",
      snapshotId: null,
      tags: { a: "1" },
    });
    await server.get(
      "POST",
      `/workspaces/trial/runs/${run.runId}/journal?writer=w`,
      Buffer.from('{"n":1,"k":"metric","at":1,"m":[["loss",0.5]]}\n'),
    );
    await server.get("PUT", `/workspaces/trial/runs/${run.runId}/files/outputs/a.txt`, Buffer.from("a"));
    expect(await server.problem("DELETE", "/workspaces/trial")).toMatchObject({
      code: "conflict",
      detail: expect.stringContaining("on their way"),
    });
    await server.get("POST", `/workspaces/trial/runs/${run.runId}/end`, { status: "Completed" });
    expect(await server.problem("DELETE", "/workspaces/trial")).toMatchObject({
      code: "conflict",
      detail: expect.stringContaining("holds 1 runs"),
    });
    expect(await server.problem("DELETE", "/workspaces/default?everything=true")).toMatchObject({ code: "conflict" });
    await server.get("DELETE", "/workspaces/trial?everything=true");
    expect(await server.problem("GET", "/workspaces/trial")).toMatchObject({ code: "not_found" });
    await server.get("POST", "/workspaces", { name: "trial" });
    expect(await server.get("GET", "/workspaces/trial/runs?includeChildren=true")).toMatchObject({ items: [] });
    expect(await server.get("GET", "/workspaces/trial/experiments")).toMatchObject({ items: [] });
    expect(await server.problem("GET", `/workspaces/trial/runs/${run.runId}`)).toMatchObject({ code: "not_found" });
  });

  it("come in pages", async () => {
    for (const name of ["a1", "b2", "c3"]) await server.get("POST", "/workspaces/lab/experiments", { name });
    const first = await server.get<{ items: { name: string }[]; next: string }>("GET", "/workspaces/lab/experiments?limit=2");
    expect(first.items.map(({ name }) => name)).toEqual(["a1", "b2"]);
    const rest = await server.get("GET", `/workspaces/lab/experiments?limit=2&after=${first.next}`);
    expect(rest).toMatchObject({ items: [{ name: "c3" }], next: null });
    expect(await server.problem("GET", "/workspaces/lab/experiments/d4")).toMatchObject({ code: "not_found" });
  });

  it("have tags, are archived and brought back, and go when they are empty", async () => {
    const at = "/workspaces/lab/experiments";
    const { experimentId } = await server.get<{ experimentId: string }>("POST", at, { name: "tagged" });
    await server.get("PATCH", `${at}/tagged`, { tags: { team: "vision", draft: "" } });
    expect(await server.get("PATCH", `${at}/${experimentId}`, { tags: { draft: null } })).toMatchObject({ tags: { team: "vision" } });
    expect(await server.problem("PATCH", `${at}/tagged`, { tags: { "": "x" } })).toMatchObject({ code: "bad_request" });
    expect(await server.problem("PATCH", `${at}/tagged`, { tags: { x: 1 } })).toMatchObject({ code: "bad_request" });
    expect(await server.get("POST", `${at}/tagged/archive`, {})).toMatchObject({ archivedUtc: expect.any(String) });
    expect(await server.get("GET", `${at}?view=archived`)).toMatchObject({ items: [{ name: "tagged" }] });
    expect(await server.problem("GET", `${at}?view=some`)).toMatchObject({ code: "bad_request" });
    expect(await server.problem("PATCH", `${at}/tagged`, { tags: {} })).toMatchObject({ code: "conflict" });
    const interactive = { experimentName: "tagged", snapshotId: null };
    const refused = await server.problem("POST", "/workspaces/lab/interactive-runs", interactive);
    expect(refused).toMatchObject({ code: "conflict", detail: expect.stringContaining("experiment reactivate") });
    expect(await server.get("POST", `${at}/tagged/reactivate`, {})).toMatchObject({ archivedUtc: null });
    await server.get("DELETE", `${at}/${experimentId}`);
    expect(await server.problem("DELETE", `${at}/tagged`)).toMatchObject({ code: "not_found" });
    await server.get("POST", "/workspaces/lab/interactive-runs", interactive);
    expect(await server.problem("DELETE", `${at}/tagged`)).toMatchObject({ code: "conflict" });
  });
});

describe("blobs and snapshots", () => {
  it("keep only bytes that are what they say", async () => {
    const hello = sha256("hello");
    expect(await server.problem("PUT", `/blobs/${hello}`, Buffer.from("hullo"))).toMatchObject({ status: 422, code: "checksum_mismatch" });
    expect(await server.get("POST", "/blobs/missing", { sha256: [hello] })).toEqual({ missing: [hello] });
    await server.get("PUT", `/blobs/${hello}`, Buffer.from("hello"));
    await server.get("PUT", `/blobs/${hello}`, Buffer.from("hello"));
    expect(await server.get("POST", "/blobs/missing", { sha256: [hello] })).toEqual({ missing: [] });
    const big = Buffer.alloc(3_000_000, 7);
    expect(await server.get("POST", "/blobs", frame(["a", big, "b", "hello"]))).toEqual({ stored: 3 });
    expect(await server.problem("POST", "/blobs", frame(["c"]).subarray(0, 30))).toMatchObject({ code: "bad_request" });
    expect(await server.problem("PUT", "/blobs/xyz", Buffer.from("x"))).toMatchObject({
      code: "bad_request",
      details: { field: "params.sha256" },
    });
  });

  it("name trees whose blobs are all there", async () => {
    const snapshotId = await server.snapshotOf({ "train.py": "print(1)\n", "data.txt": "0123456789" });
    const at = `${WS}/snapshots/${snapshotId}`;
    expect(await server.get("GET", at)).toMatchObject({ files: 2, bytes: 19 });
    expect(await server.get("GET", `${at}/tree`)).toMatchObject([{ name: "data.txt" }, { name: "train.py" }]);
    const part = await server.ask("GET", `${at}/files/data.txt`, undefined, { range: "bytes=-3" });
    expect([part.status, await part.text()]).toEqual([206, "789"]);
    expect(await server.problem("GET", `${at}/files/none.txt`)).toMatchObject({ code: "not_found" });
    expect(await server.problem("GET", `${at}/files/..%2f..%2ftoken`)).toMatchObject({ code: "not_found" });
    expect(await server.problem("GET", `${at}/tree?folder=data.txt`)).toMatchObject({ code: "bad_request" });
    expect(await server.problem("POST", `${WS}/snapshots`, { root: "0".repeat(64) })).toMatchObject({ code: "snapshot_incomplete" });
    expect(await server.problem("POST", `${WS}/snapshots`, { root: sha256("hello") })).toMatchObject({ code: "bad_request" });
  });
});

describe("interactive runs", () => {
  const start = (more: object = {}, key?: string) =>
    server.get<Run>(
      "POST",
      `${WS}/interactive-runs`,
      { experimentName: "notebook", snapshotId: null, ...more },
      key === undefined ? {} : { "idempotency-key": key },
    );

  it("are one run however often the request is repeated", async () => {
    const first = await start({}, "once");
    expect((await start({}, "once")).runId).toBe(first.runId);
    const other = await server.problem(
      "POST",
      `${WS}/interactive-runs`,
      { experimentName: "other", snapshotId: null },
      { "idempotency-key": "once" },
    );
    expect(other).toMatchObject({ status: 422, code: "idempotency_mismatch" });
    const token = await server.problem("POST", "/tokens", { note: "twice", user: "ada" }, { "idempotency-key": "once more" });
    expect(token).toMatchObject({ code: "bad_request", detail: expect.stringContaining("takes no Idempotency-Key") });
  });

  it("take tags and names, and properties once", async () => {
    const { runId } = await start({ tags: { team: "a" } });
    const at = `${WS}/runs/${runId}`;
    const changed = await server.get<Run>("PATCH", at, {
      tags: { bare: null },
      removeTags: ["team"],
      properties: { p: "1" },
      displayName: "best",
      description: "x",
    });
    expect(changed).toMatchObject({ tags: { bare: null }, properties: { p: "1" }, displayName: "best", description: "x" });
    expect(changed.tags).not.toHaveProperty("team");
    const refused = await server.problem("PATCH", at, { properties: { p: "2" }, tags: { late: "x" } });
    expect(refused).toMatchObject({ status: 409, code: "conflict", details: { properties: ["p"] } });
    expect((await server.get<Run>("GET", at)).tags).not.toHaveProperty("late");
  });

  it("take metrics by journal lines, each once", async () => {
    const { runId } = await start();
    const at = `${WS}/runs/${runId}`;
    const lines = Buffer.from([1, 2, 3].map((n) => `${JSON.stringify({ n, t: n, k: "m", name: "loss", v: n / 10 })}\n`).join(""));
    expect(await server.get("POST", `${at}/journal?writer=w`, lines)).toEqual({ lastNumber: 3 });
    expect(await server.get("POST", `${at}/journal?writer=w`, lines)).toEqual({ lastNumber: 3 });
    expect(await server.get("GET", `${at}/metrics`)).toMatchObject([{ name: "loss", count: 3, last: 0.3 }]);
    expect(await server.get("GET", `${at}/metrics/loss`)).toMatchObject({ total: 3, values: [0.1, 0.2, 0.3] });
    expect(await server.problem("GET", `${at}/metrics/none`)).toMatchObject({ code: "not_found" });
    const listed = await server.get<{ items: Run[] }>(
      "GET",
      `${WS}/runs?where=${encodeURIComponent("metrics.loss < 1")}&order=metrics.loss`,
    );
    expect(listed.items.map((run) => run.runId)).toEqual([runId]);
  });

  it("keep files: a name once, whole or in ranges, never outside", async () => {
    const { runId } = await start();
    const at = `${WS}/runs/${runId}/files`;
    expect(await server.get<RunFile>("PUT", `${at}/outputs/model%20a.bin`, Buffer.from("0123456789"))).toMatchObject({
      path: "outputs/model a.bin",
      size: 10,
      sha256: sha256("0123456789"),
    });
    await server.get("PUT", `${at}/outputs/model%20a.bin`, Buffer.from("0123456789"));
    expect(await server.problem("PUT", `${at}/outputs/model%20a.bin`, Buffer.from("other"))).toMatchObject({ code: "conflict" });
    expect(await server.get("GET", at)).toMatchObject([{ path: "outputs/model a.bin" }]);
    const part = await server.ask("GET", `${at}/outputs/model%20a.bin`, undefined, { range: "bytes=2-3" });
    expect([part.status, await part.text()]).toEqual([206, "23"]);
    expect(await server.problem("GET", `${at}/outputs/model%20b.bin`)).toMatchObject({
      code: "not_found",
      details: { nearest: "outputs/model a.bin" },
    });
    for (const path of [
      "..%2f..%2ftoken",
      "outputs%2f..%2f..%2f..%2ftoken",
      "%2fetc%2fpasswd",
      "a%00b",
      "attempts%2f1%2fx",
      `${"a%2f".repeat(10_000)}x`,
    ]) {
      expect((await server.ask("PUT", `${at}/${path}`, Buffer.from("x"))).status, path.slice(0, 40)).toBeGreaterThanOrEqual(400);
      expect((await server.ask("GET", `${at}/${path}`)).status, path.slice(0, 40)).toBeGreaterThanOrEqual(400);
    }
  });

  it("end as they are ended, and stay so", async () => {
    const { runId } = await start();
    const at = `${WS}/runs/${runId}`;
    expect(await server.get("POST", `${at}/end`, { status: "Failed", error: { code: "X", message: "boom" } })).toMatchObject({
      status: "Failed",
    });
    expect(await server.problem("POST", `${at}/end`, { status: "Completed" })).toMatchObject({ code: "conflict" });
    expect(await server.get("POST", `${at}/cancel`)).toMatchObject({ status: "Failed" });
    expect((await server.get<Why>("GET", `${at}/why`)).summary).toContain("boom");
  });
});

describe("submitted runs", () => {
  const runConfiguration = {
    script: "train.py",
    framework: "Python",
    target: "local",
    environment: { python: { userManagedDependencies: true, interpreterPath: "python3" } },
  };

  it("run, and their log can be followed to the end", async () => {
    const snapshotId = await server.snapshotOf({
      "train.py":
        "import os\nos.makedirs('outputs', exist_ok=True)\nopen('outputs/a.txt', 'w').write('done')\nprint('hello from the script')\n",
    });
    const { runId } = await server.get<Run>("POST", `${WS}/runs`, { experimentName: "real", runConfiguration, snapshotId });
    const log = await (await server.ask("GET", `${WS}/runs/${runId}/logs/stream`)).text();
    expect(log).toContain("hello from the script");
    expect(log).toMatch(/event: end\ndata: {"status":"Completed"}\n\n$/);
    const details = await server.get<RunDetails>("GET", `${WS}/runs/${runId}`);
    expect(details).toMatchObject({ status: "Completed", runDefinition: { script: "train.py" }, submittedBy: expect.anything() });
    const url = Object.entries(details.logFiles).find(([name]) => name.includes("driver_log"))?.[1] ?? "";
    expect(await (await fetch(url, { headers: { authorization: `Bearer ${server.server.token}` } })).text()).toContain(
      "hello from the script",
    );
    expect(await (await server.ask("GET", `${WS}/runs/${runId}/files/outputs/a.txt`)).text()).toBe("done");
    const again = await server.get<Run>("POST", `${WS}/runs/${runId}/rerun`, { arguments: ["--x"] });
    await (await server.ask("GET", `${WS}/runs/${again.runId}/logs/stream`)).text();
    expect(await server.get("GET", `${WS}/runs/${runId}/diff?with=${again.runId}`)).toMatchObject({ a: runId, b: again.runId });
    expect(await server.get("POST", "/gc", {})).toMatchObject({ dryRun: true, environments: { count: 0 } });
  });

  it("bring home what the script uploads, for itself and for a child, and what grows in a watched folder", async () => {
    const script = `
from azureml.core import Run
open("notes.txt", "w").write("mine")
open("tb/events", "w").write("grown")
run = Run.get_context()
run.upload_file("plots/notes.txt", "notes.txt")
with run.child_run(run_id=run.id + "_kid") as kid:
    kid.upload_file("outputs/model", "notes.txt")
    kid.upload_file("plain", "notes.txt")
`;
    const snapshotId = await server.snapshotOf({ "train.py": script });
    const watching = { ...runConfiguration, history: { directoriesToWatch: ["logs", "tb"] } };
    const { runId } = await server.get<Run>("POST", `${WS}/runs`, { experimentName: "real", runConfiguration: watching, snapshotId });
    const log = await (await server.ask("GET", `${WS}/runs/${runId}/logs/stream`)).text();
    expect(log).toContain('data: {"status":"Completed"}');
    const textOf = async (id: string, file: string) => await (await server.ask("GET", `${WS}/runs/${id}/files/${file}`)).text();
    expect(await textOf(runId, "plots/notes.txt")).toBe("mine");
    expect(await textOf(runId, "tb/events")).toBe("grown");
    expect(await textOf(`${runId}_kid`, "outputs/model")).toBe("mine");
    expect(await textOf(`${runId}_kid`, "plain")).toBe("mine");
    expect(JSON.parse(await textOf(runId, "azureml-logs/process_status.json"))).toMatchObject({ attempt: 1, exitCode: 0 });
    expect(await server.get("GET", `${WS}/runs/${runId}_kid`)).toMatchObject({ status: "Completed" });
  });

  it("use their own token for themselves and their children only", async () => {
    const stranger = await server.get<Run>("POST", `${WS}/interactive-runs`, { experimentName: "real", snapshotId: null });
    const script = `
import json, os, urllib.request, urllib.error
def ask(method, path, body=None):
    headers = {"Authorization": "Bearer " + os.environ["AZUREML_RUN_TOKEN"]}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request("${server.server.url}/api/v1${WS}" + path, data, headers, method=method)
    try:
        return urllib.request.urlopen(request).status
    except urllib.error.HTTPError as error:
        return error.code
own = os.environ["AZUREML_RUN_ID"]
child = {"experimentName": "real", "snapshotId": None, "runId": own + "_1"}
asked = [
    ask("GET", "/runs/" + own), ask("POST", "/interactive-runs", child), ask("PATCH", "/runs/" + own + "_1", {"tags": {"a": "b"}}),
    ask("GET", "/runs"), ask("GET", "/runs/${stranger.runId}"), ask("GET", "/events"), ask("GET", "/runs?parent=${stranger.runId}"),
    ask("POST", "/interactive-runs", {"experimentName": "real", "snapshotId": None, "parentRunId": "${stranger.runId}"}),
]
print("asked", *asked)
`;
    const snapshotId = await server.snapshotOf({ "train.py": script });
    const { runId } = await server.get<Run>("POST", `${WS}/runs`, { experimentName: "real", runConfiguration, snapshotId });
    const log = await (await server.ask("GET", `${WS}/runs/${runId}/logs/stream`)).text();
    expect(log).toContain("asked 200 200 200 200 403 403 403 403");
    expect(await server.get("GET", `${WS}/runs/${runId}_1`)).toMatchObject({ parentRunId: runId, tags: { a: "b" } });
  });

  it("are refused with the reason", async () => {
    const snapshotId = await server.snapshotOf({ "other.py": "" });
    const submit = (more: object) =>
      server.problem("POST", `${WS}/runs`, { experimentName: "real", runConfiguration: { ...runConfiguration, ...more }, snapshotId });
    expect((await submit({})).detail).toContain("train.py");
    expect(await submit({ target: "locl" })).toMatchObject({ code: "unknown_target", details: { nearest: "local" } });
    expect(await server.problem("POST", `${WS}/runs`, { experimentName: "real", runConfiguration, snapshotId: "none" })).toMatchObject({
      code: "not_found",
    });
  });
});

describe("environments and targets", () => {
  it("keep the version of a definition that did not change", async () => {
    const definition = { name: "mine", python: { condaDependencies: { dependencies: ["python=3.11", { pip: ["numpy"] }] } } };
    expect(await server.get("POST", `${WS}/environments`, definition)).toMatchObject({ name: "mine", version: "1" });
    expect(await server.get("POST", `${WS}/environments`, definition)).toMatchObject({ version: "1" });
    expect(await server.get("POST", `${WS}/environments`, { ...definition, python: {} })).toMatchObject({ version: "2" });
    expect(await server.get("GET", `${WS}/environments/mine/versions`)).toMatchObject([{ version: "2" }, { version: "1" }]);
    expect((await server.problem("GET", `${WS}/environments/mine?version=3`)).detail).toContain("2, 1");
  });

  it("say whether the machine can take jobs", async () => {
    expect(await server.get("GET", `${WS}/computes/local`)).toMatchObject({ name: "local", healthy: true });
    expect(await server.problem("GET", `${WS}/computes/locl`)).toMatchObject({ code: "not_found", details: { nearest: "local" } });
  });
});

describe("tokens", () => {
  it("work until they are revoked, also for a stream that is open", async () => {
    const { secret, ...made } = await server.get<Token & { secret: string }>("POST", "/tokens", { note: "ci" });
    const headers = { authorization: `Bearer ${secret}` };
    expect(await server.get<Token[]>("GET", "/tokens", undefined, headers)).toContainEqual(made);
    const stream = await server.ask("GET", `${WS}/events`, undefined, headers);
    await server.get("DELETE", `/tokens/${made.tokenId}`);
    expect(await server.problem("GET", "/tokens", undefined, headers)).toMatchObject({ status: 401, code: "unauthenticated" });
    await expect(stream.text()).rejects.toThrow();
    expect(await server.problem("DELETE", "/tokens/none")).toMatchObject({ code: "not_found" });
  });

  it("expire", async () => {
    const { secret } = await server.get<{ secret: string }>("POST", "/tokens", { expiresSeconds: 0.001 });
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await server.problem("GET", "/tokens", undefined, { authorization: `Bearer ${secret}` })).toMatchObject({ status: 401 });
  });
});
