// Web services that cannot be: what is refused before anything is started, and what fails with its reason.
import { describe, expect, it } from "vitest";
import { serviceLab } from "./lab.ts";

const { desk, python, server } = serviceLab();

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
Model.deploy(ws, "bad", [Model(ws, "digits")], InferenceConfig("score.py", environment=env), AciWebservice.deploy_configuration(), overwrite=True).wait_for_deployment()
here = Model.deploy(ws, "bad-too", [Model(ws, "digits")], InferenceConfig("score.py", environment=env), LocalWebservice.deploy_configuration()); here.wait_for_deployment()
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
