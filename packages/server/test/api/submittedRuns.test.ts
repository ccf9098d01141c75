// Submitted runs over the API of a whole server: real store, artifacts, engine and local driver.
import type { Run, RunDetails } from "@switchyard/protocol";
import { describe, expect, it } from "vitest";
import { serverOfFile, WS } from "./lab.ts";

const server = serverOfFile();

describe("submitted runs", () => {
  const runConfiguration = {
    script: "train.py",
    framework: "Python",
    target: "local",
    environment: { python: { userManagedDependencies: true, interpreterPath: "python3" } },
  };

  it("run, and their log can be followed to the end", async () => {
    const snapshotId = await server().snapshotOf({
      "train.py":
        "import os\nos.makedirs('outputs', exist_ok=True)\nopen('outputs/a.txt', 'w').write('done')\nprint('hello from the script')\n",
    });
    const { runId } = await server().get<Run>("POST", `${WS}/runs`, { experimentName: "real", runConfiguration, snapshotId });
    const log = await (await server().ask("GET", `${WS}/runs/${runId}/logs/stream`)).text();
    expect(log).toContain("hello from the script");
    expect(log).toMatch(/event: end\ndata: {"status":"Completed"}\n\n$/);
    const details = await server().get<RunDetails>("GET", `${WS}/runs/${runId}`);
    expect(details).toMatchObject({ status: "Completed", runDefinition: { script: "train.py" }, submittedBy: expect.anything() });
    const url = Object.entries(details.logFiles).find(([name]) => name.includes("driver_log"))?.[1] ?? "";
    expect(await (await fetch(url, { headers: { authorization: `Bearer ${server().server.token}` } })).text()).toContain(
      "hello from the script",
    );
    expect(await (await server().ask("GET", `${WS}/runs/${runId}/files/outputs/a.txt`)).text()).toBe("done");
    const again = await server().get<Run>("POST", `${WS}/runs/${runId}/rerun`, { arguments: ["--x"] });
    await (await server().ask("GET", `${WS}/runs/${again.runId}/logs/stream`)).text();
    expect(await server().get("GET", `${WS}/runs/${runId}/diff?with=${again.runId}`)).toMatchObject({ a: runId, b: again.runId });
    expect(await server().get("POST", "/gc", {})).toMatchObject({ dryRun: true, environments: { count: 0 } });
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
    const snapshotId = await server().snapshotOf({ "train.py": script });
    const watching = { ...runConfiguration, history: { directoriesToWatch: ["logs", "tb"] } };
    const { runId } = await server().get<Run>("POST", `${WS}/runs`, { experimentName: "real", runConfiguration: watching, snapshotId });
    const log = await (await server().ask("GET", `${WS}/runs/${runId}/logs/stream`)).text();
    expect(log).toContain('data: {"status":"Completed"}');
    const textOf = async (id: string, file: string) => await (await server().ask("GET", `${WS}/runs/${id}/files/${file}`)).text();
    expect(await textOf(runId, "plots/notes.txt")).toBe("mine");
    expect(await textOf(runId, "tb/events")).toBe("grown");
    expect(await textOf(`${runId}_kid`, "outputs/model")).toBe("mine");
    expect(await textOf(`${runId}_kid`, "plain")).toBe("mine");
    expect(JSON.parse(await textOf(runId, "azureml-logs/process_status.json"))).toMatchObject({ attempt: 1, exitCode: 0 });
    expect(await server().get("GET", `${WS}/runs/${runId}_kid`)).toMatchObject({ status: "Completed" });
  });

  it("use their own token for themselves and their children only", async () => {
    const stranger = await server().get<Run>("POST", `${WS}/interactive-runs`, { experimentName: "real", snapshotId: null });
    const script = `
import json, os, urllib.request, urllib.error
def ask(method, path, body=None):
    headers = {"Authorization": "Bearer " + os.environ["AZUREML_RUN_TOKEN"]}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request("${server().server.url}/api/v1${WS}" + path, data, headers, method=method)
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
    const snapshotId = await server().snapshotOf({ "train.py": script });
    const { runId } = await server().get<Run>("POST", `${WS}/runs`, { experimentName: "real", runConfiguration, snapshotId });
    const log = await (await server().ask("GET", `${WS}/runs/${runId}/logs/stream`)).text();
    expect(log).toContain("asked 200 200 200 200 403 403 403 403");
    expect(await server().get("GET", `${WS}/runs/${runId}_1`)).toMatchObject({ parentRunId: runId, tags: { a: "b" } });
  });

  it("are refused with the reason", async () => {
    const snapshotId = await server().snapshotOf({ "other.py": "" });
    const submit = (more: object) =>
      server().problem("POST", `${WS}/runs`, { experimentName: "real", runConfiguration: { ...runConfiguration, ...more }, snapshotId });
    expect((await submit({})).detail).toContain("train.py");
    expect(await submit({ target: "locl" })).toMatchObject({ code: "unknown_target", details: { nearest: "local" } });
    expect(await server().problem("POST", `${WS}/runs`, { experimentName: "real", runConfiguration, snapshotId: "none" })).toMatchObject({
      code: "not_found",
    });
  });
});
