// Web services on the command line, with a real server: deploy, ask, change, delete, and what a person may get wrong.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Service } from "@switchyard/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Desk, problemOf } from "../support/desk.ts";

const desk = new Desk();
const PYTHON = { userManagedDependencies: true, interpreterPath: "python3" };

beforeAll(async () => {
  desk.write("model.pkl", "weights");
  desk.write(
    "score.py",
    "import json, os\ndef init(): print('begun')\ndef run(data): return [json.loads(data), sorted(os.listdir(os.environ['AZUREML_MODEL_DIR']))]\n",
  );
  desk.write("bad.py", "def init(): raise RuntimeError('no weights')\ndef run(data): pass\n");
  desk.write("inference.json", JSON.stringify({ entryScript: "score.py", environment: { name: "serve", python: PYTHON } }));
  desk.write("bad.json", JSON.stringify({ entryScript: "bad.py", environment: { name: "serve", python: PYTHON } }));
  desk.write("local.json", JSON.stringify({ computeType: "local" }));
  desk.write("env/azureml_environment.json", JSON.stringify({ name: "registered", python: PYTHON }));
  await desk.json("up");
  await desk.json("model", "register", "-n", "digits", "-p", "model.pkl", "-t", "model.json");
  await desk.json("model", "register", "-n", "other", "-p", "model.pkl");
  await desk.json("environment", "register", "-d", "env");
});
afterAll(async () => {
  for (const { name } of await desk.json<Service[]>("service", "list")) await desk.switchyard("service", "delete", "-n", name);
  await desk.close();
});

const service = (...argv: string[]) => desk.json<Service>("service", ...argv);

it("a service is deployed, asked, changed, listed and deleted", async () => {
  const said = ["--tag", "live", "--property", "p=1", "-d", "reads digits", "--cc", "2", "--gb", "4"];
  const made = await desk.json<Service>("model", "deploy", "-n", "digits", "-m", "digits:1", "--ic", "inference.json", ...said);
  expect(made).toMatchObject({
    ...{
      state: "Healthy",
      computeType: "aci",
      authEnabled: false,
      tags: { live: "" },
      properties: { p: "1" },
      description: "reads digits",
    },
    models: [{ id: "digits:1" }],
    deployment: { cpuCores: 2, memoryGB: 4 },
    environment: { name: "serve", version: "1" },
  });
  expect(await desk.json("service", "run", "-n", "digits", "-d", "[1, 2]")).toEqual([[1, 2], ["model.pkl"]]);
  desk.write("sample.json", '{"x": 1}');
  expect(await desk.json("service", "run", "-n", "digits", "-d", "@sample.json")).toEqual([{ x: 1 }, ["model.pkl"]]);
  const bad = await desk.switchyard("service", "run", "-n", "digits", "-d", "no json");
  expect([bad.code, bad.stderr]).toEqual([1, expect.stringMatching(/status 502: JSONDecodeError[\s\S]*get-logs/)]);
  expect((await desk.switchyard("service", "get-logs", "-n", "digits", "-l", "3")).stdout).toContain("JSONDecodeError");
  expect(problemOf(await desk.switchyard("service", "get-keys", "-n", "digits"))).toMatchObject({ code: "conflict" });
  const keyed = await service("update", "-n", "digits", "--auth-enabled", "true", "--add-tag", "a=1", "--remove-tag", "live");
  expect(keyed).toMatchObject({ authEnabled: true, tags: { a: "1" }, starts: 1 });
  expect(await desk.json("service", "run", "-n", "digits", "-d", "3")).toEqual([3, ["model.pkl"]]);
  const keys = await desk.json("service", "get-keys", "-n", "digits");
  expect(await desk.json("service", "regen-key", "-n", "digits", "-k", "primary", "-s", "a-key-of-mine")).toEqual({
    ...keys,
    primaryKey: "a-key-of-mine",
  });
  const two = await service("update", "-n", "digits", "-m", "digits:1", "-m", "other:1");
  expect(two).toMatchObject({ state: "Healthy", starts: 2, models: [{ id: "digits:1" }, { id: "other:1" }] });
  expect(await desk.json("service", "run", "-n", "digits", "-d", "3")).toEqual([3, ["digits", "other"]]);
  expect(await desk.json("service", "list", "--model-id", "other:1", "--tag", "a=1", "-c", "aci")).toHaveLength(1);
  expect(await desk.json("service", "list", "--tag", "live")).toEqual([]);
  expect((await desk.switchyard("service", "list", "-o", "table")).stdout).toContain("Healthy");
  expect(await desk.json("service", "delete", "-n", "digits")).toEqual({ name: "digits", deleted: true });
  expect(await desk.json("service", "list")).toEqual([]);
});

it("options say what the files could, an environment of the workspace by its name, and a model by the file of its registration", async () => {
  expect(JSON.parse(readFileSync(join(desk.project, "model.json"), "utf8"))).toMatchObject({ id: "digits:1" });
  const options = ["--entry-script", "score.py", "-e", "registered", "-f", "model.json", "--compute-type", "local", "--no-wait"];
  const begun = await desk.json<Service>("model", "deploy", "-n", "plain", ...options);
  expect(begun).toMatchObject({
    state: "Transitioning",
    computeType: "local",
    models: [{ id: "digits:1" }],
    environment: { name: "registered" },
  });
  const again = await desk.json<Service>(
    "model",
    "deploy",
    "-n",
    "plain",
    "--es",
    "score.py",
    "-e",
    "registered",
    "--dc",
    "local.json",
    "--overwrite",
  );
  expect(again).toMatchObject({ state: "Healthy", models: [], scoringUri: expect.stringMatching(/^http:\/\/localhost:\d+\/score$/) });
  await desk.json("service", "delete", "-n", "plain");
});

it("a service that fails ends the command with 1 and says why", async () => {
  const ended = await desk.switchyard("model", "deploy", "-n", "bad", "--ic", "bad.json");
  expect([ended.code, JSON.parse(ended.stdout)]).toMatchObject([1, { state: "Failed", error: { code: "InitFailed" } }]);
  expect(ended.stderr).toContain("RuntimeError: no weights");
  const asked = await desk.switchyard("service", "run", "-n", "bad", "-d", "1");
  expect([asked.code, problemOf(asked)]).toMatchObject([
    1,
    { code: "service_unavailable", message: expect.stringContaining("is Failed and takes no requests") },
  ]);
});

describe("what is refused", () => {
  it.each([
    [2, ["model", "deploy", "-n", "svc"], "What is to answer?"],
    [2, ["model", "deploy", "--ic", "inference.json"], "--name"],
    [2, ["model", "deploy", "-n", "Svc_1", "--ic", "inference.json"], "3 to 32 characters"],
    [3, ["model", "deploy", "-n", "svc", "--ic", "none.json"], "no such file"],
    [2, ["model", "deploy", "-n", "svc", "--ic", "score.py"], "is not JSON"],
    [2, ["model", "deploy", "-n", "svc", "--ic", "typo.json"], 'Did you mean "entryScript"?'],
    [3, ["model", "deploy", "-n", "svc", "--ic", "inference.json", "--es", "none.py"], 'no entry script "none.py"'],
    [3, ["model", "deploy", "-n", "svc", "--ic", "inference.json", "--sd", "nowhere"], 'no source directory "nowhere"'],
    [2, ["model", "deploy", "-n", "svc", "--ic", "inference.json", "-m", "digits"], "NAME:VERSION"],
    [3, ["model", "deploy", "-n", "svc", "--ic", "inference.json", "-m", "digits:9"], "no version 9"],
    [2, ["model", "deploy", "-n", "svc", "--es", "score.py"], "Which environment?"],
    [3, ["model", "deploy", "-n", "svc", "--es", "score.py", "-e", "nobodys"], 'no environment "nobodys"'],
    [2, ["model", "deploy", "-n", "svc", "--ic", "inference.json", "--dc", "aks.json"], 'the kind "AKS" come later'],
    [2, ["model", "deploy", "-n", "svc", "--ic", "inference.json", "--dc", "tls.json"], "sslEnabled"],
    [2, ["model", "deploy", "-n", "svc", "--ic", "inference.json", "--dc", "wrong.json"], "one of local, aci"],
    [2, ["model", "deploy", "-n", "svc", "--ic", "inference.json", "--ct", "aks-cluster"], "come later"],
    [2, ["model", "deploy", "-n", "svc", "--ic", "inference.json", "--port", "99999"], "port"],
    [2, ["model", "deploy", "-n", "svc", "--ic", "inference.json", "--port", "8080"], "Only a local web service"],
    [1, ["model", "deploy", "-n", "bad", "--ic", "inference.json"], "already"],
    [3, ["service", "show", "-n", "nobody"], 'no web service "nobody"'],
    [3, ["service", "delete", "-n", "nobody"], 'no web service "nobody"'],
    [2, ["service", "update", "-n", "bad"], "Nothing to change"],
    [2, ["service", "regen-key", "-n", "bad", "-k", "third"], "Primary, Secondary"],
    [3, ["service", "run", "-n", "bad", "-d", "@none.json"], "no such file"],
    [2, ["service", "get-access-token", "-n", "bad"], "come later"],
  ])("with %i: %j", async (code, argv, words) => {
    desk.write("typo.json", JSON.stringify({ entryscript: "score.py" }));
    desk.write("aks.json", JSON.stringify({ computeType: "AKS", numReplicas: 2 }));
    desk.write("tls.json", JSON.stringify({ computeType: "aci", sslEnabled: true }));
    desk.write("wrong.json", JSON.stringify({ computeType: "moon" }));
    const ended = await desk.switchyard(...argv);
    expect([ended.code, ended.stderr + ended.stdout]).toEqual([code, expect.stringContaining(words)]);
  });
});
