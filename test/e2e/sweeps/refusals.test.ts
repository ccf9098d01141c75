// Where no sweep can be: refused by command line, HTTP and Python with the reason, before anything is made.
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type SshHost, SshLab } from "@switchyard/compute/testing";
import type { NewCompute, Sweep } from "@switchyard/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Desk, problemOf } from "../../support/desk.ts";
import { LiveServer } from "../../support/liveServer.ts";
import { freePort } from "../../support/ports.ts";
import { lastJson, pythonIn, type RunPython } from "../../support/python.ts";
import { attachHost } from "../../support/sshTargets.ts";
import { endedSweep, inWorkspace, sendScript, submitSweep, sweepOf, uniform } from "../../support/sweeps.ts";
import { until } from "../../support/wait.ts";

const TRAIN = `import sys
from azureml.core import Run
Run.get_context().log("score", float(sys.argv[2]))
`;
const HDCONFIG = `sampling: {type: random, parameter_space: [{name: x, expression: uniform, values: [0, 1]}]}
primary_metric_name: score
primary_metric_goal: maximize
max_total_runs: 1
`;
const RUNCONFIG = `environment: {python: {userManagedDependencies: true, interpreterPath: python3}}
amlcompute: {vmSize: STANDARD_D2_V2}
containerInstance: {region: westeurope}
`;
const PREAMBLE = `
import json
from azureml.core import Environment, Experiment, ScriptRunConfig, Workspace
from azureml.train.hyperdrive import HyperDriveConfig, PrimaryMetricGoal, RandomParameterSampling, uniform
ws = Workspace.get("default")
mine = Environment("mine")
mine.python.user_managed_dependencies = True
def refused(target, nodes):
    src = ScriptRunConfig(".", "train.py", compute_target=target, environment=mine)
    src.run_config.node_count = nodes
    config = HyperDriveConfig(RandomParameterSampling({"x": uniform(0, 1)}), "score", PrimaryMetricGoal.MAXIMIZE, 1, run_config=src)
    try: Experiment(ws, "refused").submit(config)
    except Exception as error: return [type(error).__name__, str(error)]
    return ["not refused", ""]
`;

const server = new LiveServer();
const desk = new Desk({ home: server.home });
let lab: SshLab;
let python: RunPython;
let snapshotId: string;
beforeAll(async () => {
  await server.start();
  snapshotId = await sendScript(server.client, "train.py", TRAIN);
  python = pythonIn({ home: server.home, cwd: desk.project, preamble: PREAMBLE });
  desk.write("train.py", TRAIN);
  desk.write(".azureml/hdconfig.yml", HDCONFIG);
  desk.write(".azureml/mine.runconfig", RUNCONFIG);
  await desk.json("folder", "attach", "-e", "refused");
  const spark = "/home/trainer/spark";
  lab = await SshLab.start(2, { environment: { SPARK_HOME: spark, JAVA_HOME: spark } });
  await attachSpark(lab.host);
  await create("default", "cluster", { maxNodes: 2 });
  await create("elsewhere", "theirs", {});
  await failToAttach("broken");
  await attachHost(server.client, lab, lab.hosts[1]!);
  await desk.json("computetarget", "detach", "-n", lab.hosts[1]!.name);
  const names = async () => (await server.client.listTargets({ params: inWorkspace })).map(({ name }) => name);
  await until(150, "the machine is detached", async () => !(await names()).includes(lab.hosts[1]!.name));
});
afterAll(async () => {
  await desk.close();
  await server.close();
  await lab?.close();
});

/** A Spark cluster as far as attaching looks at it: nothing of a sweep may ever get there. */
async function attachSpark(host: SshHost): Promise<void> {
  const bin = join(host.home, "spark/bin");
  mkdirSync(bin, { recursive: true });
  for (const [name, text] of [
    ["spark-submit", "echo 'version 3.5.1'"],
    ["java", ":"],
  ] as const) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const { address, username } = host.settings();
  const auth = lab.auth("password");
  const secret = { password: auth.kind === "password" ? auth.password : "" };
  await server.client.attachTarget({
    params: inWorkspace,
    body: { type: "hdinsight", name: "spark", settings: { address, sshPort: 22, username }, secret },
  });
  await stands("default", "spark", "Succeeded");
}

async function create(workspace: string, name: string, settings: object): Promise<void> {
  if (workspace !== "default") await server.client.createWorkspace({ body: { name: workspace } });
  const body = { type: "amlcompute", name, settings: { vmSize: "STANDARD_D2_V2", ...settings } } as NewCompute;
  await server.client.createTarget({ params: { workspace }, body });
  await stands(workspace, name, "Succeeded");
}

/** A machine that nobody could log in to. */
async function failToAttach(name: string): Promise<void> {
  const settings = { address: "127.0.0.1", sshPort: await freePort(), username: "nobody" };
  await server.client.attachTarget({ params: inWorkspace, body: { type: "remote", name, settings, secret: { password: "none" } } });
  await stands("default", name, "Failed");
}

const stands = async (workspace: string, name: string, provisioningState: string) =>
  expect(await server.client.waitForTarget({ params: { workspace, name }, timeoutSeconds: 200 })).toMatchObject({ provisioningState });

/** All that a submission could make. */
async function whatThereIs(): Promise<unknown> {
  const { client } = server;
  const [runs, targets, environments] = await Promise.all([
    client.listRuns({ params: inWorkspace, query: { includeChildren: true, limit: 1000 } }),
    client.listTargets({ params: inWorkspace }),
    client.listEnvironments({ params: inWorkspace }),
  ]);
  return { runs: runs.items.map(({ runId }) => runId), targets: targets.map(({ name }) => name), environments };
}

const hyperdrive = (...words: readonly string[]) =>
  desk.switchyard("run", "submit-hyperdrive", "--hyperdrive-configuration-name", "hdconfig", ...words, "train.py");

describe.each([
  { what: "a cluster of its own", target: "amlcompute", told: /cannot have a cluster of its own.*first trial/s },
  { what: "container instances", target: "containerinstance", told: /cannot have container instances.*made for one run/s },
  { what: "a Spark cluster", target: "spark", told: /"spark" \(hdinsight\) does not support hyperparameter tuning.*Send the sweep to/s },
  { what: "a data service that cannot be attached", target: "databricks", code: "unknown_target", told: /no compute target "databricks"/ },
  {
    what: "a target that nobody knows",
    target: "clustr",
    code: "unknown_target",
    told: /no compute target "clustr".*Did you mean "cluster"/,
  },
  { what: "a target of another workspace", target: "theirs", code: "unknown_target", told: /no compute target "theirs"/ },
  { what: "a target that was detached", target: "vm2", code: "unknown_target", told: /no compute target "vm2"/ },
  { what: "a machine that could not be attached", target: "broken", told: /"broken" could not be made.*attach it anew/s },
  {
    what: "a cluster with fewer nodes than a trial has",
    target: "cluster",
    nodes: 3,
    told: /"cluster" may have 2 nodes at most; this run asks for 3/,
  },
])("$what", ({ target, told, code = "job_rejected", nodes = 1 }) => {
  it("is refused, and nothing is made", async () => {
    const before = await whatThereIs();
    const answers = { code, message: expect.stringMatching(told) };

    const typed = await hyperdrive("-c", "mine", "--target", target, ...(nodes === 1 ? [] : ["--node-count", String(nodes)]));
    expect({ exit: typed.code, ...problemOf(typed) }).toMatchObject({ exit: 2, ...answers });

    const configuration = { nodeCount: nodes };
    const posted = submitSweep(server.client, { snapshotId, sweep: sweepOf([uniform("x", 0, 1)]), target, configuration });
    await expect(posted).rejects.toMatchObject(answers);

    const [type, message] = lastJson<string[]>(await python(`print(json.dumps(refused("${target}", ${nodes})))`));
    expect({ type, message }).toEqual({ type: expect.stringMatching(/^(HyperDriveConfig|Service)Exception$/), message: answers.message });

    expect(await whatThereIs()).toEqual(before);
  });
});

describe("what no sweep could be sent to", () => {
  it.each([
    ["attach", "databricks", "--name", "data"],
    ["attach", "adla", "--name", "data"],
    ["attach", "batch", "--name", "data"],
    ["create", "containerinstance", "--name", "data"],
    ["create", "amlcompute", "--name", "none", "-s", "STANDARD_D2_V2", "--max-nodes", "0"],
    ["update", "amlcompute", "--name", "cluster", "--max-nodes", "0"],
  ])("is not made: computetarget %s %s %s %s", async (...words) => {
    const before = await whatThereIs();
    const { code, stderr } = await desk.switchyard("computetarget", ...words);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/yet|max.?nodes/i) });
    expect(await whatThereIs()).toEqual(before);
  });
});

it("a target stays while a sweep is on it, and a sweep that is over stays as it is without its target", async () => {
  const { code, stdout, stderr } = await hyperdrive("-c", "local", "--target", "cluster");
  expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
  const { runId } = JSON.parse(stdout) as Sweep;
  const open = await server.client.submitSweep({
    params: inWorkspace,
    body: {
      experimentName: "refused",
      snapshotId,
      runConfiguration: { script: "train.py", target: "cluster", environment: { python: { userManagedDependencies: true } } },
      sweep: sweepOf([]),
      generates: false, // nobody asks it for a trial, so it has none
    },
  });
  const busy = await desk.switchyard("computetarget", "delete", "-n", "cluster");
  expect({ code: busy.code, message: problemOf(busy).message }).toEqual({ code: 1, message: expect.stringContaining(open.runId) });
  await desk.json("run", "cancel", "-r", open.runId);
  await endedSweep(() => server.client, open.runId);
  await desk.json("computetarget", "delete", "-n", "cluster");
  const extended = await desk.switchyard("sweep", "extend", "-r", runId, "--max-total-runs", "2");
  expect({ code: extended.code, message: problemOf(extended).message }).toEqual({
    code: 2,
    message: expect.stringMatching(/no compute target "cluster"|is being deleted/),
  });
  expect(await desk.json("sweep", "show", "-r", runId)).toMatchObject({ status: "Completed", error: null, counts: { finished: 1 } });
});
