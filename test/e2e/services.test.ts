// Models as web services, from Python and over HTTP, against a live server with real processes.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Desk } from "../support/desk.ts";
import { LiveServer } from "../support/liveServer.ts";
import { lastJson, pythonIn } from "../support/python.ts";
import { until } from "../support/wait.ts";

const server = new LiveServer();
const desk = new Desk();
const run = pythonIn({
  home: server.home,
  cwd: desk.project,
  preamble: `
import json, os, sys, urllib.request, urllib.error
from azureml.core import Environment, Model, Webservice, Workspace
from azureml.core.model import InferenceConfig
from azureml.core.webservice import AciWebservice, LocalWebservice
from azureml.exceptions import WebserviceException
ws = Workspace.get("default")
env = Environment("serving")
env.python.user_managed_dependencies = True
env.python.interpreter_path = "python3"
def tell(*things): print(json.dumps(things))
def refused(act):
    try: act()
    except WebserviceException as error: return error.message
    return "not refused"
def post(uri, text, headers={}):
    request = urllib.request.Request(uri, data=text if isinstance(text, bytes) else text.encode(), headers=dict({"Content-Type": "application/json"}, **headers))
    try: answer = urllib.request.urlopen(request, timeout=30)
    except urllib.error.HTTPError as error: answer = error
    return [answer.getcode(), answer.read().decode()]
`,
});

const python = async <T>(code: string, seconds?: number) => lastJson<T>(await run(code, seconds === undefined ? {} : { seconds }));

const SCORE = `
import json, os
from azureml.core.model import Model
def init():
    global weights
    with open(Model.get_model_path("digits")) as file: weights = file.read()
    print("init() read", weights)
def run(data):
    given = json.loads(data)["data"]
    if given == "die": os._exit(3)
    if given == "raise": raise KeyError("no such feature")
    if given == "object": return object()
    if given == "pid": return os.getpid()
    if given == "where": return [os.environ["AZUREML_MODEL_DIR"].split("azureml-models/")[1], sorted(os.listdir(".")), os.environ.get("SWITCHYARD_SERVICE_SECRET")]
    return {"sum": sum(given), "weights": weights}
`;

beforeAll(async () => {
  desk.write("model.pkl", "w1");
  desk.write("score.py", SCORE);
  desk.write("source/.amlignore", "helper.py\n");
  desk.write("source/helper.py", "def help(): return 'helped'\n");
  desk.write("source/echo.py", "import helper\ndef init(): pass\ndef run(data): return helper.help() + ': ' + data\n");
  await server.start();
  await python(`Model.register(ws, "model.pkl", "digits"); Model.register(ws, "model.pkl", "digits"); tell()`);
});
afterAll(async () => {
  await removeAll();
  await server.close();
  await desk.close();
});

async function removeAll(): Promise<void> {
  const services = await server.client.listServices({ params: { workspace: "default" } });
  for (const { name } of services) await server.client.deleteService({ params: { workspace: "default", name } });
}

const jobs = () => readdirSync(join(server.home, "site/jobs")).filter((name) => name.startsWith("service-"));
const isAlive = (pid: number) => existsSync(`/proc/${pid}/stat`);

it("a model answers as a container instance: keys, updates, logs, and nothing is left of it", async () => {
  const said = await python<unknown[]>(`
service = Model.deploy(workspace=ws, name="my-aci", models=[Model(ws, "digits", version=1)], inference_config=InferenceConfig(entry_script="score.py", environment=env),
    deployment_config=AciWebservice.deploy_configuration(cpu_cores=1, memory_gb=1, tags={"a": "1"}, description="sums"))
service.wait_for_deployment(show_output=True)
facts = [service.state, service.compute_type, type(service).__name__, service.scoring_uri, service.tags, service.description, service.auth_enabled]
answer = service.run(json.dumps({"data": [1, 2]}))
plain = post(service.scoring_uri, '{"data": [3]}')
raised, no_json, unjson = (post(service.scoring_uri, text) for text in ('{"data": "raise"}', "nonsense", '{"data": "object"}'))
where = service.run('{"data": "where"}')
service.update(tags={"b": "2"}, properties={"p": "1"}, auth_enabled=True)
same = refused(lambda: service.update(properties={"p": "2"}))
first, second = service.get_keys()
pid = service.run(b'{"data": "pid"}')
keyed = [post(service.scoring_uri, '{"data": [3]}', headers)[0] for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer " + second})]
service.regen_key("Secondary"); service.regen_key("Primary", set_key="my-own-key")
again = [post(service.scoring_uri, '{"data": [3]}', {"Authorization": "Bearer " + key})[0] for key in (first, second, "my-own-key")]
swagger = json.load(urllib.request.urlopen(urllib.request.Request(service.swagger_uri, headers={"Authorization": "Bearer my-own-key"})))["paths"]["/score"]["post"]["operationId"]
in_use = refused(Model(ws, "digits", version=1).delete)
service.update(models=[Model(ws, "digits", version=2)])
service.wait_for_deployment()
Model(ws, "digits", version=1).delete()
listed = [[each.name, each.tags] for each in Webservice.list(ws, model_id="digits:2", tags=[["b", "2"]])], sorted(ws.webservices), Webservice.list(ws, compute_type="Local")
logs = service.get_logs()
uri = service.scoring_uri
service.delete()
gone = [refused(lambda: Webservice(ws, "my-aci")), post(uri, "{}")[0]]
tell(facts, answer, plain, raised, no_json, unjson, where, same, keyed, again, swagger, in_use, listed, logs, gone, pid)
`);
  const [facts, answer, plain, raised, noJson, unjson, where, same, keyed, again, swagger, inUse, listed, logs, gone, pid] = said;
  expect(facts).toEqual(["Healthy", "ACI", "AciWebservice", `${server.url}/api/v1/service/my-aci/score`, { a: "1" }, "sums", false]);
  expect(answer).toEqual({ sum: 3, weights: "w1" });
  expect(plain).toEqual([200, '{"sum": 3, "weights": "w1"}']);
  expect(raised).toEqual([502, expect.stringContaining("KeyError: 'no such feature'")]);
  expect(noJson).toEqual([502, expect.stringContaining("JSONDecodeError")]);
  expect(unjson).toEqual([502, expect.stringContaining("JSON cannot say")]);
  expect(where).toEqual(["digits/1", ["azureml-models", "score.py"], null]);
  expect(same).toContain("with another value");
  expect([keyed, again]).toEqual([
    [401, 401, 200],
    [401, 401, 200],
  ]);
  expect(swagger).toBe("RunMLService");
  expect(inUse).toContain('the web service "my-aci" uses it');
  expect(listed).toEqual([[["my-aci", { b: "2" }]], ["my-aci"], []]);
  expect(logs).toContain("stands for a container instance");
  expect(logs).toContain("init() read w1");
  expect(gone).toEqual([expect.stringContaining('There is no web service "my-aci"'), 404]);
  expect(isAlive(pid as number)).toBe(false);
  expect(jobs()).toEqual([]);
});

it("a local service has a port of its own, is reloaded with another script, and goes on in a container instance", async () => {
  desk.write("echo.py", "def init(): print('old')\ndef run(data): return 'old ' + data\n");
  const said = await python<unknown[]>(`
import socket
free = socket.socket(); free.bind(("127.0.0.1", 0)); port = free.getsockname()[1]; free.close()
config = InferenceConfig(entry_script="echo.py", environment=env)
service = Model.deploy(ws, "echo", [], config, LocalWebservice.deploy_configuration(port=port))
service.wait_for_deployment()
alive = urllib.request.urlopen(service.base_url).read().decode()
old = post(service.scoring_uri, "x")
with open("echo.py", "w") as file: file.write("def init(): print('new')\\ndef run(data): return 'new ' + data\\n")
service.reload()
new = service.run("x")
taken = refused(lambda: Model.deploy(ws, "echo", [], config, LocalWebservice.deploy_configuration()))
other = Model.deploy(ws, "echo-two", [], config, LocalWebservice.deploy_configuration(port=port))
failed = refused(other.wait_for_deployment)
other = Model.deploy(ws, "echo-two", [], config, LocalWebservice.deploy_configuration(), overwrite=True)
other.wait_for_deployment()
cloud = service.deploy_to_cloud("echo-cloud", AciWebservice.deploy_configuration())
cloud.wait_for_deployment()
whole = Model.deploy(ws, "whole", [], InferenceConfig("echo.py", source_directory="source", environment=env), LocalWebservice.deploy_configuration())
whole.wait_for_deployment()
tell(service.port == port, alive, old, new, taken, failed, other.port != port, other.run("y"), cloud.run("z"), whole.run("w"), service.scoring_uri == "http://localhost:%d/score" % port,
     service.compute_type, service.get_logs().count("new"))
`);
  expect(said).toEqual([
    true,
    "Healthy",
    [200, '"old x"'],
    "new x",
    expect.stringContaining("already"),
    expect.stringContaining("Something else on this machine listens on port"),
    true,
    "new y",
    "new z",
    "helped: w",
    true,
    "Local",
    1,
  ]);
  await removeAll();
  expect(jobs()).toEqual([]);
});

it("a service that dies is started again, and one whose server is killed goes on answering", async () => {
  const [uri, pid] = await python<[string, number]>(`
service = Model.deploy(ws, "stays", [Model(ws, "digits")], InferenceConfig("score.py", environment=env), AciWebservice.deploy_configuration())
service.wait_for_deployment()
tell(service.scoring_uri, service.run('{"data": "pid"}'))
`);
  await server.kill();
  expect(isAlive(pid)).toBe(true);
  await server.start();
  const ask = async (data: string) => {
    const answer = await fetch(uri, { method: "POST", body: JSON.stringify({ data }) });
    return { status: answer.status, text: await answer.text() };
  };
  expect(await ask("pid")).toEqual({ status: 200, text: `${pid}` });
  expect((await ask("die")).status).toBe(503);
  const next = await until(60, "the service is started again", async () => {
    const answer = await ask("pid");
    return answer.status === 200 && answer.text;
  });
  expect(Number(next)).not.toBe(pid);
  const params = { workspace: "default", name: "stays" };
  expect(await server.client.getService({ params })).toMatchObject({ state: "Healthy", starts: 2 });
  const { text: printed } = await server.client.readServiceLogs({ params, query: { lines: 100 } as never });
  expect(printed).toMatch(/It ended, and is started again\.[\s\S]*--- start 1\ninit\(\) read[\s\S]*--- start 2\n/);
  // dies while no server is there
  await server.kill();
  process.kill(Number(next), "SIGKILL");
  await server.start();
  await until(60, "the service is started a third time", async () => (await ask("pid")).status === 200);
  expect(await server.client.getService({ params })).toMatchObject({ state: "Healthy", starts: 3 });
  await until(20, "only one job is left", async () => jobs().length === 1);
  await server.client.deleteService({ params });
  expect(jobs()).toEqual([]);
});

it.each(["service.before-start", "service.after-start"])("a server that dies at %s deploys the service once", async (failAt) => {
  await server.kill();
  await server.start({ failAt });
  const deployed = python(`
service = Model.deploy(ws, "once", [], InferenceConfig("score.py", environment=env), AciWebservice.deploy_configuration())
tell()
`);
  await Promise.all([deployed, server.ended(60).then(() => server.start())]); // the client asks until somebody answers
  const params = { workspace: "default", name: "once" };
  await until(60, "the service failed or answers", async () => {
    const { state } = await server.client.getService({ params });
    return state === "Healthy" || state === "Failed"; // its script wants a model
  });
  expect(await server.client.getService({ params })).toMatchObject({ starts: 1, error: { code: "InitFailed" } });
  await server.client.deleteService({ params });
  expect(jobs()).toEqual([]);
});

it("services of two workspaces may have one name: each has an address, and the short one means the workspace default", async () => {
  desk.write("named.py", "import os\ndef init(): pass\ndef run(data): return os.environ['WHOSE']\n");
  const answers = await python<unknown[]>(`
def deploy(place):
    env.environment_variables = {"WHOSE": place.name}
    service = Model.deploy(place, "twins", [], InferenceConfig("named.py", environment=env), AciWebservice.deploy_configuration())
    service.wait_for_deployment()
    return service
team, crew = Workspace.create("team", exist_ok=True), Workspace.create("crew", exist_ok=True)
short = ws._server.url + "/api/v1/service/twins/score"
services = [deploy(team)]
said = [services[0].run("1"), post(short, "1")]
services.append(deploy(crew))
said.append(post(short, "1")[0])
services.append(deploy(ws))
said += [post(short, "1"), [post(each.scoring_uri, "1")[1] for each in services], services[0].scoring_uri == ws._server.url + "/api/v1/workspaces/team/service/twins/score"]
for service in services: service.delete()
print(json.dumps(said))
`);
  expect(answers).toEqual(["team", [200, '"team"'], 409, [200, '"default"'], ['"team"', '"crew"', '"default"'], true]);
  await expect(server.client.deleteWorkspace({ params: { workspace: "team" }, query: { everything: true } })).resolves.toBeUndefined();
});

describe("what cannot be", () => {
  it("is refused before anything is started", async () => {
    desk.write("text.txt", "x");
    const said = await python<Record<string, string>>(`
good = InferenceConfig("score.py", environment=env)
aci = AciWebservice.deploy_configuration()
gone = InferenceConfig("score.py", environment=env); gone.entry_script = "nowhere.py"
unknown = Environment("unknown-to-all")
def kind(act):
    try: act()
    except Exception as error: return type(error).__name__ + ": " + str(error)
    return "nothing"
said = {
  "name": refused(lambda: Model.deploy(ws, "My_Service", [], good, aci)),
  "short": refused(lambda: Model.deploy(ws, "ab", [], good, aci)),
  "script": refused(lambda: Model.deploy(ws, "svc-a", [], gone, aci)),
  "folder": refused(lambda: InferenceConfig("nowhere.py", source_directory="source", environment=env)),
  "no python": refused(lambda: Model.deploy(ws, "svc-a", [], InferenceConfig("text.txt", environment=env), aci)),
  "model": refused(lambda: Model.deploy(ws, "svc-a", ["nobody:1"], good, aci)),
  "version": refused(lambda: Model.deploy(ws, "svc-a", ["digits:99"], good, aci)),
  "environment": refused(lambda: InferenceConfig("score.py")),
  "both": refused(lambda: InferenceConfig("score.py", runtime="python", environment=env)),
  "cores": refused(lambda: AciWebservice.deploy_configuration(cpu_cores=0)),
  "port": refused(lambda: LocalWebservice.deploy_configuration(port=70000)),
  "none": refused(lambda: Webservice(ws, "nobody")),
  "tls": kind(lambda: AciWebservice.deploy_configuration(ssl_enabled=True)),
  "aks": kind(lambda: __import__("azureml.core.webservice").core.webservice.AksWebservice.deploy_configuration()),
  "no code": kind(lambda: Model.deploy(ws, "svc-a", ["digits:2"])),
}
print(json.dumps(said))
`);
    expect(said).toMatchObject({
      name: expect.stringContaining("3 to 32 characters"),
      short: expect.stringContaining("3 to 32 characters"),
      script: expect.stringContaining('no entry script "nowhere.py"'),
      folder: expect.stringContaining('no entry script "nowhere.py" in the source directory'),
      "no python": expect.stringContaining("no Python file"),
      model: expect.stringContaining('no model "nobody"'),
      version: expect.stringContaining("no version 99"),
      environment: expect.stringContaining("Which environment?"),
      both: expect.stringContaining("exclude each other"),
      cores: expect.stringContaining("above 0"),
      port: expect.stringContaining("1 to 65535"),
      none: expect.stringContaining('no web service "nobody"'),
      tls: expect.stringMatching(/^NotImplementedError: .*ssl_enabled.*docs\/roadmap.md/),
      aks: expect.stringMatching(/^NotImplementedError: AksWebservice/),
      "no code": expect.stringMatching(/^NotImplementedError: .*without an inference_config/),
    });
    expect(await server.client.listServices({ params: { workspace: "default" } })).toEqual([]);
  });

  it.each([
    [
      "init() raises",
      "def init(): raise RuntimeError('no weights here')\ndef run(data): pass\n",
      "InitFailed",
      "RuntimeError: no weights here",
    ],
    ["it cannot be imported", "import nothing_of_that_name\n", "EntryScriptFailed", "nothing_of_that_name"],
    ["it has no run()", "def init(): pass\n", "EntryScriptInvalid", "no function run()"],
    ["it ends its process", "import os\ndef init(): os._exit(7)\ndef run(data): pass\n", "ExitCode", "exit code 7"],
    ["it calls sys.exit()", "import sys\ndef init(): sys.exit('enough')\ndef run(data): pass\n", "InitFailed", "SystemExit: enough"],
  ])("an entry script that is of no use because %s leaves a failed service that says so", async (_what, text, code, words) => {
    desk.write("bad.py", text);
    const [message, state, error, logs, asked] = await python<
      [string, string, { code: string; message: string }, string, [number, string]]
    >(`
service = Model.deploy(ws, "bad", [], InferenceConfig("bad.py", environment=env), AciWebservice.deploy_configuration(), overwrite=True)
message = refused(service.wait_for_deployment)
tell(message, service.state, service.error, service.get_logs(), post(service.scoring_uri, "{}"))
`);
    expect([state, error.code]).toEqual(["Failed", code]);
    expect(error.message).toContain(words);
    expect(message).toContain(words);
    expect(logs).toContain(words);
    expect([asked[0], JSON.parse(asked[1]).code]).toEqual([503, "service_unavailable"]);
  });

  it("an environment that cannot be made fails the service with the log of it", async () => {
    const [state, error, logs] = await python<[string, { code: string }, string]>(
      `
other = Environment("unbuildable")
other.docker.enabled = False
other.python.conda_dependencies.add_pip_package("no-such-package-anywhere-4711")
os.environ["PIP_INDEX_URL"] = "http://127.0.0.1:9"
service = Model.deploy(ws, "bad", [], InferenceConfig("echo.py", environment=other, source_directory="source"), AciWebservice.deploy_configuration(), overwrite=True)
refused(service.wait_for_deployment)
tell(service.state, service.error, service.get_logs())
`,
      200,
    );
    expect([state, error.code]).toEqual(["Failed", "EnvironmentFailed"]);
    expect(logs).toContain("no-such-package-anywhere-4711");
  });

  it("a request of more than 100 MB is refused by both ways, and one to a name that nobody has", async () => {
    const [aci, own, nobody] = await python<[number, number, [number, string]]>(`
Model.deploy(ws, "bad", [], InferenceConfig("echo.py", environment=env), AciWebservice.deploy_configuration(), overwrite=True).wait_for_deployment()
here = Model.deploy(ws, "bad-too", [], InferenceConfig("echo.py", environment=env), LocalWebservice.deploy_configuration()); here.wait_for_deployment()
import http.client, urllib.parse
def too_much(uri):
    parts = urllib.parse.urlsplit(uri)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
    connection.putrequest("POST", parts.path); connection.putheader("Content-Length", str(100 * 1024 * 1024 + 1)); connection.endheaders()
    return connection.getresponse().status
tell(too_much(ws.webservices["bad"].scoring_uri), too_much(here.scoring_uri), post(ws.webservices["bad"].scoring_uri.replace("/bad/", "/nobody/"), "{}"))
`);
    expect([aci, own, nobody[0]]).toEqual([413, 413, 404]);
  });
});
