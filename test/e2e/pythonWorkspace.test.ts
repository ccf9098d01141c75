// Workspaces in Python: made, found, changed, deleted; and what becomes of bad configurations and bad tokens.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { pythonIn } from "../support/python.ts";
import { serverAndDesk } from "../support/serverAndDesk.ts";

const { server, desk } = serverAndDesk({ variables: { SWITCHYARD_DEFAULT_GPU_CLUSTER: "big-one" } });

const preamble = "import json, os, sys\nfrom azureml.core import Experiment, Workspace\nfrom azureml.exceptions import *";
const run = pythonIn({ home: server.home, cwd: desk.project, preamble });

/** Runs a program in the project folder; answers what it printed. */
async function python(code: string, variables: Record<string, string> = {}): Promise<string> {
  return (await run(code, { variables })).stdout;
}

it("is made, found, changed and deleted", async () => {
  const said = await python(`
ws = Workspace.create(name="vision", subscription_id="s", resource_group="g", location="eastus2", tags={"team": "a"}, exist_ok=True, show_output=False)
try:
    Workspace.create("vision", show_output=False)
except WorkspaceException as error:
    print(error.message)
ws.write_config()
found = Workspace.from_config()
found.update(description="eyes", friendly_name="Vision", tags={"team": None, "year": "2020"})
details = found.get_details()
print(json.dumps([found.name, found.location, found.sku, found.tags, details["description"], details["friendlyName"], sorted(Workspace.list("s"))]))
Experiment(ws, "looking").id
print(json.dumps([list(ws.experiments), ws.experiments["looking"].name, repr(ws.experiments["looking"]), repr(ws)[:29]]))
with Experiment(ws, "looking").start_logging(snapshot_directory=None) as run:
    run.log("a", 1)
try:
    ws.delete()
except WorkspaceException as error:
    print(error.message)
ws.delete(delete_dependent_resources=True)
try:
    Workspace.from_config()
except WorkspaceException as error:
    print(error.message)
`);
  const lines = said.trim().split("\n");
  expect(lines[0]).toBe('There is a workspace "vision" already. exist_ok=True opens it.');
  expect(JSON.parse(lines[1]!)).toEqual(["vision", "eastus2", "basic", { year: "2020" }, "eyes", "Vision", ["default", "vision"]]);
  expect(JSON.parse(lines[2]!)).toEqual([
    ["looking"],
    "looking",
    "Experiment(Name: looking,\nWorkspace: vision)",
    "Workspace.create(name='vision",
  ]);
  expect(lines[3]).toMatch(/Workspace "vision" holds 1 run/);
  expect(lines[4]).toMatch(/There is no workspace "vision"\. .*workspace create -w vision.* It is named by .*config\.json/);
  rmSync(join(desk.project, ".azureml"), { recursive: true });
});

it("knows what other parts keep in it", async () => {
  const said = await python(`
from azureml.core import Environment
ws = Workspace.get("default")
Environment("mine").register(ws)
before = ws.get_default_datastore().name
ws.set_default_datastore("workspacefilestore")
after = ws.get_default_datastore().name
ws.set_default_datastore(before)
ws.get_default_keyvault().set_secret("s", "v")
print(json.dumps([before, after, "mine" in ws.environments, "workspacefilestore" in ws.datastores, ws.datasets, ws.models, ws.get_default_keyvault().get_secret("s")]))
uri = ws.get_mlflow_tracking_uri()
print(uri.startswith("azureml://" + ws._server.url.split("//")[1] + "/mlflow/v1.0/") and uri.endswith("/workspaces/default"), "MLFLOW_TRACKING_TOKEN" in os.environ)
`);
  const [facts, mlflow] = said.trim().split("\n");
  expect(JSON.parse(facts!)).toEqual(["workspaceblobstore", "workspacefilestore", true, true, {}, {}, "v"]);
  expect(mlflow).toBe("True True");
});

it("names default clusters, and makes them when they are asked for", async () => {
  const said = await python(`
ws = Workspace.get("default")
cpu = ws.get_default_compute_target("CPU")
again = ws.get_default_compute_target(type="cpu")
gpu = ws.get_default_compute_target("GPU")
print(json.dumps([cpu.name, again.name, gpu.name, type(cpu).__name__, cpu.provisioning_state, sorted(ws.compute_targets)]))
try:
    ws.get_default_compute_target("TPU")
except UserErrorException as error:
    print(error.message)
`);
  const [made, refused] = said.trim().split("\n");
  expect(JSON.parse(made!)).toEqual(["cpu-cluster", "cpu-cluster", "big-one", "AmlCompute", "Succeeded", ["big-one", "cpu-cluster"]]);
  expect(refused).toContain('for "CPU" or for "GPU"');
});

it("says how to move when config.json is of the hosted service", async () => {
  desk.write(
    ".azureml/config.json",
    JSON.stringify({ subscription_id: "0f3c4e5a-1111-2222-3333-444455556666", resource_group: "rg", workspace_name: "old-ws" }),
  );
  const said = await python(`
try:
    Workspace.from_config()
except WorkspaceException as error:
    print(error.message)
ws = Workspace.create("old-ws", show_output=False)
print(Workspace.from_config().name)
`);
  expect(said).toMatch(
    /There is no workspace "old-ws".*switchyard workspace create -w old-ws.*was one of Azure Machine Learning.*config\.json\.\nold-ws\n$/,
  );
  rmSync(join(desk.project, ".azureml"), { recursive: true });
});

it("takes a token wherever v1 took a secret, and says when it is not good any more", async () => {
  const { secret: token, tokenId } = await server.client.createToken({ body: { note: "script", expiresSeconds: 600 } });
  const said = await python(
    `
from azureml.core.authentication import *
import urllib.request
good = os.environ["GOOD"]
for auth in (ServicePrincipalAuthentication("tenant", "app", good), ArmTokenAuthentication(good), TokenAuthentication(lambda audience: good)):
    ws = Workspace.get("default", auth=auth)
    request = urllib.request.Request(ws._server.url + "/api/v1/workspaces/default", headers=auth.get_authentication_header())
    print(ws.name, json.loads(urllib.request.urlopen(request).read().decode())["name"])
for auth in (InteractiveLoginAuthentication(force=True), AzureCliAuthentication(), MsiAuthentication()):
    try:
        Workspace.get("default", auth=auth)
    except AuthenticationException as error:
        print(error.message)
`,
    { SWITCHYARD_URL: server.url, SWITCHYARD_TOKEN: "sy_nonsense", GOOD: token },
  );
  const lines = said.trim().split("\n");
  expect(lines.slice(0, 3)).toEqual(["default default", "default default", "default default"]);
  for (const line of lines.slice(3))
    expect(line).toMatch(/The token is unknown, expired or revoked\..*SWITCHYARD_TOKEN holds it; `switchyard token create`/);
  expect(lines).toHaveLength(6);
  await server.client.revokeToken({ params: { tokenId } });
  const revoked = await python("try: Workspace.get('default')\nexcept AuthenticationException as error: print(error.status_code)", {
    SWITCHYARD_URL: server.url,
    SWITCHYARD_TOKEN: token,
  });
  expect(revoked).toBe("401\n");
});
