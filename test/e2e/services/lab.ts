// A server with a model and scripts that answer for it, and programs that deploy them.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { Desk } from "../../support/desk.ts";
import { LiveServer } from "../../support/liveServer.ts";
import { lastJson, pythonIn } from "../../support/python.ts";

const PREAMBLE = `
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
`;

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

/** Starts a server before the tests of a file; after them it goes with all services. */
export function serviceLab() {
  const server = new LiveServer();
  const desk = new Desk();
  const run = pythonIn({ home: server.home, cwd: desk.project, preamble: PREAMBLE });
  const python = async <T>(code: string, seconds?: number) => lastJson<T>(await run(code, seconds === undefined ? {} : { seconds }));
  const removeAll = async () => {
    const services = await server.client.listServices({ params: { workspace: "default" } });
    for (const { name } of services) await server.client.deleteService({ params: { workspace: "default", name } });
  };
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
  /** directories of the jobs of services that are there */
  const jobs = () => readdirSync(join(server.home, "site/jobs")).filter((name) => name.startsWith("service-"));
  return { server, desk, python, removeAll, jobs };
}
