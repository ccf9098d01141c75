// PySpark through the v1 client, unchanged: on a Spark cluster behind a real sshd, with a server that is killed meanwhile, and here.
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { QUICK_JAVA, SshLab, sparkForEverybody } from "@switchyard/compute/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PythonSession } from "../seeds/session.ts";
import { Desk } from "../support/desk.ts";
import { blocksOf, commandsOf, typeAt } from "../support/guide.ts";
import { LiveServer } from "../support/liveServer.ts";
import { until } from "../support/wait.ts";

const SECONDS = 280;
const spark = sparkForEverybody();
let lab: SshLab;
let server: LiveServer;
let desk: Desk;
let session: PythonSession;
beforeAll(async () => {
  lab = await SshLab.start(1, { environment: { SPARK_HOME: spark.home, ...QUICK_JAVA } });
  server = new LiveServer({ variables: QUICK_JAVA });
  await server.start();
  desk = new Desk({ home: server.home });
  desk.write(".azureml/config.json", JSON.stringify({ subscription_id: "s", resource_group: "switchyard", workspace_name: "default" }));
  session = new PythonSession(desk.project, { SWITCHYARD_HOME: server.home });
});
afterAll(async () => {
  await session?.close();
  await desk?.close();
  await server?.close();
  await lab?.close();
  spark.remove();
});
async function says(code: string): Promise<string> {
  const { error, said } = await session.run("a block", code, SECONDS);
  expect(error).toBeNull();
  return said.trim();
}

it("runs a driver program on a Spark cluster, whatever becomes of the server", { timeout: 600_000 }, async () => {
  desk.write(
    "train.py",
    `import os, sys, time
import pyspark
from azureml.core.run import Run
import rules
run = Run.get_context()
spark = pyspark.sql.SparkSession.builder.appName("e2e").getOrCreate()
print("ready", flush=True)
while not os.path.exists(os.path.expanduser("~/go")): time.sleep(0.05)
run.log("kept", spark.sparkContext.parallelize(range(10), 2).filter(rules.keep).count())
run.log("name", spark.sparkContext.appName)
os.makedirs("outputs", exist_ok=True)
spark.range(5).coalesce(1).write.json("outputs/numbers")
`,
  );
  desk.write("rules.py", "def keep(number):\n    return number > 6\n");
  const { address, username } = lab.host.settings();
  const { password } = lab.auth("password") as { password: string };
  const runId = await says(`
from azureml.core import Experiment, ScriptRunConfig, Workspace
from azureml.core.compute import ComputeTarget, HDInsightCompute
from azureml.core.runconfig import RunConfiguration
ws = Workspace.from_config()
hdi_compute = ComputeTarget.attach(ws, "myhdi", HDInsightCompute.attach_configuration(
    address="${address}", ssh_port=22, username="${username}", password="${password}"))
hdi_compute.wait_for_completion(show_output=False)
assert hdi_compute.get_credentials() == {"username": "${username}", "password": "${password}"}
config = RunConfiguration(framework="pyspark")
config.target = hdi_compute.name
config.environment.python.user_managed_dependencies = True
config.environment.python.interpreter_path = "${spark.python}"
config.spark.configuration["spark.ui.enabled"] = "false"
run = Experiment(ws, "spark").submit(ScriptRunConfig(".", "train.py", run_config=config))
print(run.id)
`);
  const log = async () => {
    const params = { workspace: "default", runId, path: "azureml-logs/80_driver_log.txt" };
    // until its first line there is no such file
    const bytes = await server.client.readRunFile({ params }).catch(() => null);
    return bytes === null ? "" : await bytes.text();
  };
  await until(SECONDS, "the driver program is ready", async () => (await log()).includes("ready"));
  await server.kill();
  writeFileSync(join(lab.host.home, "go"), "");
  await server.start();
  const told = await says(`
run.wait_for_completion(raise_on_error=False)
print(run.get_status(), sorted(run.get_metrics().items()), [n for n in run.get_file_names() if n.startswith("outputs") and n.endswith(".json")] != [])
`);
  expect(told.split("\n").at(-1), await log()).toBe("Completed [('kept', 3), ('name', 'e2e')] True");
  expect((await log()).match(/^ready$/gm)).toHaveLength(1);
});

it("runs it here with the Spark of the environment, and says what is missing without", { timeout: 600_000 }, async () => {
  mkdirSync(join(desk.project, "here"), { recursive: true });
  desk.write("here/train.py", 'from pyspark.sql import SparkSession\nprint("sum", SparkSession.builder.getOrCreate().range(4).count())\n');
  const told = await says(`
config = RunConfiguration(framework="pyspark")
config.environment.python.user_managed_dependencies = True
config.environment.python.interpreter_path = "${spark.python}"
config.spark.configuration["spark.ui.enabled"] = "false"
here = Experiment(ws, "spark").submit(ScriptRunConfig("here", "train.py", run_config=config))
here.wait_for_completion()
config.environment.environment_variables = {"JAVA_HOME": "/no/java"}
bare = Experiment(ws, "spark").submit(ScriptRunConfig("here", "train.py", run_config=config))
bare.wait_for_completion(raise_on_error=False)
print(here.get_status(), bare.get_status(), "LauncherMissing" in str(bare.get_details()))
`);
  expect(told.split("\n").at(-1)).toBe("Completed Failed True");
});

describe("docs/guide/spark.md", () => {
  const reader = new Desk();
  reader.write("train.py", blocksOf("spark.md", "python")[0]!);
  reader.variables.HOME = reader.place;
  afterAll(() => reader.close());

  it.each(commandsOf("spark.md"))("$line", async ({ line, refused }) => {
    mkdirSync(join(reader.place, ".ssh"), { mode: 0o700, recursive: true });
    cpSync(join(lab.folder, "id"), join(reader.place, ".ssh/id_ed25519"));
    const { code, text } = await typeAt(reader, line.replaceAll("10.0.0.5", lab.host.address), 220);
    expect({ code, text }).toEqual({
      code: refused ? expect.toBeOneOf([1, 2]) : 0,
      text: expect.stringContaining(refused ? "Error:" : ""),
    });
  });
});
