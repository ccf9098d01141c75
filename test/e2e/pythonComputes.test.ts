// The Python client's compute targets against a real server: the scripts of the documents that people have (v1Scripts/, with
// their placeholders filled in) as they are, and what those documents leave out.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseRunConfiguration, targetRunConfigurationTemplate } from "@switchyard/protocol";
import { RemoteError } from "@switchyard/protocol/errors";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { LiveServer } from "../support/liveServer.ts";
import { freePort } from "../support/ports.ts";
import { within } from "../support/wait.ts";

vi.setConfig({ testTimeout: 600_000, hookTimeout: 300_000 });
const CLIENT = resolve(import.meta.dirname, "../../python");
const SCRIPTS = join(import.meta.dirname, "v1Scripts");
const PREFACE = `from azureml.core import *
from azureml.core.compute import *
from azureml.exceptions import *
ws = Workspace.from_config()
`;

const server = new LiveServer();
let project: string;
beforeAll(() => server.start());
afterAll(() => server.close());
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "switchyard-project-"));
  mkdirSync(join(project, ".azureml"));
  writeFileSync(join(project, ".azureml/config.json"), JSON.stringify({ workspace_name: "default" }));
  return () => rmSync(project, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function python(code: string, variables: Record<string, string> = {}): Promise<Ended> {
  const kept = Object.entries(process.env).filter(([name]) => !/^(SWITCHYARD_|AZUREML_)/.test(name));
  const env = { ...Object.fromEntries(kept), PYTHONPATH: CLIENT, SWITCHYARD_HOME: server.home, ...variables };
  const child = spawn("python3", ["-"], { cwd: project, env, stdio: ["pipe", "pipe", "pipe"] });
  child.stdin.end(code);
  const written = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) child[name].setEncoding("utf8").on("data", (text) => (written[name] += text));
  const [code_] = await within(240, "the Python script ends", once(child, "close"));
  return { code: code_ as number | null, ...written };
}

const script = (name: string, variables?: Record<string, string>) => python(readFileSync(join(SCRIPTS, `${name}.py`), "utf8"), variables);

/** Runs code that must succeed; gives what it printed. */
async function prints(code: string): Promise<string> {
  const ended = await python(PREFACE + code);
  expect(ended).toMatchObject({ code: 0, stderr: "" });
  return ended.stdout;
}

/** Can this server make targets of a kind? Asked of the server by making one, so that these tests grow with it. */
async function has(type: string, settings: object, secret?: object): Promise<boolean> {
  const request = { params: { workspace: "default" }, body: { type, name: `probe-${type}`, settings, ...(secret && { secret }) } as never };
  try {
    await (secret ? server.client.attachTarget(request) : server.client.createTarget(request));
    return true;
  } catch (error) {
    if (error instanceof RemoteError && error.code === "not_implemented") return false;
    throw error;
  }
}

describe("a compute instance from Python", () => {
  it("is found or created by the script of the documents", async () => {
    expect(await script("computeInstance")).toEqual({
      code: 0,
      stderr: "",
      stdout: expect.stringMatching(/^(Creating\.*\n)?Succeeded\n$/),
    });
    expect(await script("computeInstance")).toEqual({ code: 0, stderr: "", stdout: "Found existing instance, use it.\n" });
    const targets = await server.client.listTargets({ params: { workspace: "default" } });
    expect(targets.find(({ type }) => type === "computeinstance")).toMatchObject({
      name: expect.stringMatching(/^ci[0-9a-f]{8}$/),
      settings: { vmSize: "STANDARD_D3_V2", sshPublicAccess: false },
    });
  });

  it("is listed, stopped, started, restarted and deleted", async () => {
    const said = await prints(`
configuration = ComputeInstance.provisioning_configuration(vm_size="STANDARD_D2_V2", tags={"team": "a"}, description="mine")
instance = ComputeTarget.create(workspace=ws, name="mine", provisioning_configuration=configuration)
assert type(instance) is ComputeInstance and instance.provisioning_state == "Creating", instance
instance.wait_for_completion()
assert type(ws.compute_targets["mine"]) is ComputeInstance and "local" not in ws.compute_targets()
assert (instance.name, instance.type, instance.tags, instance.description) == ("mine", "ComputeInstance", {"team": "a"}, "mine")
assert instance.cluster_resource_id.endswith("/computes/mine") and instance.provisioning_errors == [], instance.serialize()
assert instance.created_on <= instance.modified_on
instance.stop(wait_for_completion=True, show_output=True)
assert ComputeInstance(ws, "mine").get_status().state == "Stopped"
instance.start(wait_for_completion=True, show_output=True)
instance.restart(True, True)
print(instance.get_status().serialize()["vmSize"])
try: instance.detach()
except ComputeTargetException as error: print(error.message)
try: ComputeTarget.create(ws, "mine", configuration)
except ComputeTargetException as error: print(error.message)
try: instance.get_credentials()
except ComputeTargetException as error: print(error.message)
instance.delete(wait_for_completion=True, show_output=True)
try: ComputeTarget(ws, "mine")
except ComputeTargetException as error: print(error.message)
`);
    const lines = said.trimEnd().split("\n");
    expect(lines.slice(0, 4)).toEqual(["Stopped", "Running", "Running", "STANDARD_D2_V2"]);
    expect(lines.slice(4, 7)).toEqual([
      expect.stringMatching(/deleted, not detached/),
      expect.stringMatching(/"mine" \(computeinstance\).* already/),
      expect.stringMatching(/no stored credentials/),
    ]);
    expect(lines.at(-1)).toMatch(/There is no compute target "mine"/);
  });

  it("is refused in the server's words when its name cannot be one", async () => {
    const said = await prints(`
for name in ("x", "amlcompute", "1a"):
    try: ComputeInstance.create(ws, name, ComputeInstance.provisioning_configuration())
    except ComputeTargetException as error: print(error.message)
`);
    expect(said).toMatch(/a name has 2 to 24 letters.*\n.*name means a kind of compute.*\n.*a name has 2 to 24 letters/);
  });

  it("is waited for while the server is killed and started again", async () => {
    const waiting = prints(`
import sys
from switchyard_client import retrying
retrying.patiently.__defaults__ = (200,)  # a start may take long on a busy machine
instance = ComputeInstance.create(ws, "survivor", ComputeInstance.provisioning_configuration())
import os, azureml.core.compute.compute as compute
compute.TERMINAL, terminal = (), compute.TERMINAL
looked = instance.refresh_state
def look():
    looked()
    if os.path.exists("go"): compute.TERMINAL = terminal
    open("waiting", "w").close()
instance.refresh_state = look
instance.wait_for_completion()
print(instance.provisioning_state)
`);
    await expect.poll(() => existsSync(join(project, "waiting")), { timeout: 120_000 }).toBe(true);
    await server.kill();
    await server.start();
    writeFileSync(join(project, "go"), "");
    expect(await waiting).toBe("Succeeded\n");
  });
});

describe("the scripts of the documents", () => {
  it.each(["dsvm", "batch", "databricks", "adla"])("say what is not there yet: %s", async (name) => {
    const { code, stderr } = await script(name);
    expect(code).toBe(1);
    expect(stderr).toMatch(/ComputeTargetException: \w+ cannot be (created|attached): this server does not have targets of the kind/);
  });

  it("attach a Spark cluster, and say why it cannot be", async () => {
    // nothing was refused at once; the head node is looked for in the background, and there is none of that name
    expect(await script("hdinsight")).toEqual({ code: 0, stdout: "", stderr: "" });
    const said = await prints(`
from azureml.core.compute import HDInsightCompute
cluster = ws.compute_targets["myhdi"]
assert type(cluster) is HDInsightCompute, cluster
try: cluster.wait_for_completion(show_output=False)
except ComputeTargetException as error: print(error.message)
cluster.detach()
`);
    expect(said).toMatch(/mycluster-ssh\.azurehdinsight\.net/);
    expect(existsSync(join(project, ".azureml/myhdi.runconfig"))).toBe(true);
  });

  it("find or create a managed cluster", async () => {
    const made = await script("amlCompute");
    if (!(await has("amlcompute", { vmSize: "STANDARD_D2_V2", maxNodes: 1 }))) {
      expect(made.stderr).toMatch(
        /ComputeTargetException: .*amlcompute \(managed cluster\) are known, and this version cannot make them yet/,
      );
      return;
    }
    const finished = "Succeeded\nAmlCompute wait for completion finished\n\nMinimum number of nodes requested have been provisioned\n";
    expect(made).toEqual({ code: 0, stderr: "", stdout: expect.stringMatching(new RegExp(`^(Creating\\.*\n)?${finished}$`)) });
    expect((await script("amlCompute")).stdout).toBe(`Found existing cluster, use it.\n${finished}`);
    const said = await prints(`
cluster = ComputeTarget(ws, "cpucluster")
assert type(cluster) is AmlCompute
status = cluster.get_status().serialize()
assert status["scaleSettings"] == {"minNodeCount": 0, "maxNodeCount": 4, "nodeIdleTimeBeforeScaleDown": "PT120S"}, status
cluster.update(max_nodes=2, idle_seconds_before_scaledown=30)
print(cluster.scale_settings.max_node_count, cluster.list_nodes())
cluster.add_identity(identity_type="UserAssigned", identity_id=["/one", "/two"])
cluster.remove_identity("/one")
print(AmlCompute(ws, "cpucluster").identity_id, cluster.vm_size)
cluster.delete()
cluster.wait_for_completion(is_delete_operation=True)
`);
    expect(said).toBe("2 []\n['/two'] STANDARD_D2_V2\n");
  });

  it("find or create a cluster of 2018", async () => {
    const made = await script("batchAi", { BATCHAI_CLUSTER_MAX_NODES: "2" });
    if (!(await has("batchai", { vmSize: "STANDARD_NC6", maxNodes: 1 }))) {
      expect(made.stderr).toMatch(/ComputeTargetException: .*batchai \(managed cluster \(2018\)\) are known/);
      return;
    }
    expect(made).toMatchObject({ code: 0, stderr: "", stdout: expect.stringMatching(/^creating a new compute target[\s\S]*vmPriority/) });
    expect((await script("batchAi")).stdout).toBe("found compute target. just use it. defaultgpu\n");
    await prints(`
cluster = ComputeTarget(ws, "defaultgpu")
cluster.delete()
cluster.wait_for_completion(is_delete_operation=True)
`);
  });

  let remoteIsThere = false;
  it.each(["remote", "remoteOlder"])("attach a machine, and say why it cannot be: %s", async (name) => {
    const port = await freePort(); // nobody listens there
    const { code, stderr } = await script(name, { ADDRESS: "127.0.0.1", PORT: String(port) });
    expect(code).toBe(1);
    expect(stderr).toContain("ComputeTargetException");
    if (name === "remote") remoteIsThere = await has("remote", { address: "probe.invalid", username: "me" }, { password: "x" });
    if (remoteIsThere) {
      expect(stderr).toMatch(new RegExp(`"attach-dsvm" is not ready, its provisioning state is Failed: .*${port}`));
      expect(existsSync(join(project, ".azureml/attach-dsvm.runconfig"))).toBe(true);
      await prints(`
machine = ComputeTarget(ws, "attach-dsvm")
assert machine.get_credentials() == {"username": "me", "password": "secret"}, machine.get_credentials()
again = {"username": "me", "address": "127.0.0.1", "ssh_port": ${port}, "password": "secret"}
try: RemoteCompute.attach(ws, name="attach-dsvm", **again)
except UserErrorException as error: assert "already attached" in error.message, error
else: raise AssertionError("attached twice")
RemoteCompute.attach(ws, name="another-name", **again).detach()  # what could not be attached is not taken
machine.detach()
try: machine.wait_for_completion()
except ComputeTargetException as error: assert "There is no compute target" in error.message, error
`);
    } else expect(stderr).toMatch(/remote \(machine over SSH\) are known, and this version cannot make them yet/);
  });
});

it.each([
  ["remote", false],
  ["remote", true],
  ["hdinsight", false],
])("the run configuration that attaching leaves is what the command line leaves: %s, conda file: %s", async (kind, hasConda) => {
  const file = join(project, ".azureml/box.runconfig");
  const conda = ".azureml/conda_dependencies.yml";
  if (hasConda) writeFileSync(join(project, conda), "dependencies: [python]\n");
  await prints(`
from types import SimpleNamespace
from azureml.core.compute.projectfile import write_run_configuration
write_run_configuration(SimpleNamespace(name="box", _kind="${kind}"))
`);
  const { configuration, problems } = parseRunConfiguration(readFileSync(file), { file });
  expect(problems).toEqual([]);
  const ofCommandLine = targetRunConfigurationTemplate("box", hasConda ? conda : null, kind === "hdinsight");
  const expected = parseRunConfiguration(Buffer.from(ofCommandLine), { file }).configuration;
  if (kind === "remote") expect(configuration).toEqual(expected);
  else expect(configuration).toMatchObject({ target: "box", framework: "PySpark", environment: expected!.environment });
});
