// Models as web services, from Python and over HTTP, against a live server with real processes: deployed, asked, killed, gone.
import { existsSync } from "node:fs";
import { expect, it } from "vitest";
import { freePort } from "../../support/ports.ts";
import { until } from "../../support/wait.ts";
import { serviceLab } from "./lab.ts";

const { desk, jobs, python, removeAll, server } = serviceLab();
const isAlive = (pid: number) => existsSync(`/proc/${pid}/stat`);
/** Should stopping take long, the answer to a deletion does not wait for it. */
const untilNothingIsLeft = () => until(100, "no job of a service is left", async () => jobs().length === 0);

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
  await untilNothingIsLeft();
  expect(isAlive(pid as number)).toBe(false);
});

it("a local service has a port of its own, is reloaded with another script, and goes on in a container instance", async () => {
  desk.write("echo.py", "def init(): print('old')\ndef run(data): return 'old ' + data\n");
  const said = await python<unknown[]>(`
port = ${await freePort()}
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
  await untilNothingIsLeft();
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
  const next = await until(200, "the service is started again", async () => {
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
  await until(200, "the service is started a third time", async () => (await ask("pid")).status === 200);
  expect(await server.client.getService({ params })).toMatchObject({ state: "Healthy", starts: 3 });
  await until(100, "only one job is left", async () => jobs().length === 1);
  await server.client.deleteService({ params });
  await untilNothingIsLeft();
});

it.each(["service.before-start", "service.after-start"])("a server that dies at %s deploys the service once", async (failAt) => {
  await server.kill();
  await server.start({ failAt });
  const deployed = python(`
from switchyard_client import retrying
retrying.patiently.__defaults__ = (200,)  # a start may take long on a busy machine
service = Model.deploy(ws, "once", [], InferenceConfig("score.py", environment=env), AciWebservice.deploy_configuration())
tell()
`);
  await Promise.all([deployed, server.ended(200).then(() => server.start())]); // the client asks until somebody answers
  const params = { workspace: "default", name: "once" };
  await until(200, "the service failed or answers", async () => {
    const { state } = await server.client.getService({ params });
    return state === "Healthy" || state === "Failed"; // its script wants a model
  });
  expect(await server.client.getService({ params })).toMatchObject({ starts: 1, error: { code: "InitFailed" } });
  await server.client.deleteService({ params });
  await untilNothingIsLeft();
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
