// Executors on another machine than the driver program: a real Spark cluster of two hosts that share no folder of runs.
import { readFileSync } from "node:fs";
import { createSshSite } from "@switchyard/compute/ssh";
import { QUICK_JAVA, type SshHost, SshLab, sparkForEverybody } from "@switchyard/compute/testing";
import type { ComputeTarget, Run } from "@switchyard/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "./support/eventually.ts";
import { TemporaryServer } from "./support/temporaryServer.ts";

const WS = "/workspaces/default";
const SECONDS = 240_000;
const spark = sparkForEverybody();
const repository = new URL("../../..", import.meta.url).pathname;
const tools = { supervisor: `${repository}packages/compute/supervisor`, python: `${repository}python` };
let lab: SshLab;
let server: TemporaryServer;
let executorsHost: SshHost;
let head: string;

beforeAll(async () => {
  lab = await SshLab.start(1, { environment: { SPARK_HOME: spark.home, UV_OFFLINE: "1", ...QUICK_JAVA } });
  executorsHost = await lab.add({ environment: { SPARK_HOME: spark.home, ...QUICK_JAVA } });
  const there = await lab.host.wireTo(executorsHost);
  head = there.replace(/\.2$/, ".1");
  await daemon(lab.host, `org.apache.spark.deploy.master.Master --host ${head} --port 7077 --webui-port 0`);
  await daemon(
    executorsHost,
    `org.apache.spark.deploy.worker.Worker --host ${there} --cores 1 --memory 600m --webui-port 0 -d "$HOME/work" spark://${head}:7077`,
  );
  server = await TemporaryServer.start();
  const { address, port, username } = lab.host.settings();
  const { password } = lab.auth("password") as { password: string };
  const settings = { address, sshPort: port, username };
  await server.get("POST", `${WS}/computes/attach`, { type: "hdinsight", name: "myhdi", settings, secret: { password } });
  const target = await eventually(async () => {
    const seen = await server.get<ComputeTarget>("GET", `${WS}/computes/myhdi`);
    return seen.provisioningState !== "Creating" && seen;
  }, SECONDS);
  expect(target.provisioningErrors).toEqual([]);
}, SECONDS);
afterAll(async () => {
  await server?.close();
  await lab?.close();
  spark.remove();
});

/** Starts one of Spark's own programs on a host of the lab; it goes with the host. */
async function daemon(host: SshHost, words: string): Promise<void> {
  const line = `nohup "$SPARK_HOME/bin/spark-class" ${words} >"$HOME/daemon.log" 2>&1 </dev/null &`;
  await createSshSite(host.settings(), tools).run(["sh", "-c", line], AbortSignal.timeout(SECONDS));
}
async function submit(files: Record<string, string>): Promise<string> {
  const runConfiguration = {
    ...{ script: "train.py", framework: "PySpark", target: "myhdi" },
    // nothing but Python, so that nothing is fetched
    environment: { python: { condaDependencies: { dependencies: ["python"] } } },
    spark: {
      configuration: {
        ...{ "spark.ui.enabled": "false", "spark.master": `spark://${head}:7077`, "spark.executor.memory": "512m" },
        ...{ "spark.driver.host": head, "spark.driver.bindAddress": head },
      },
    },
  };
  const snapshotId = await server.snapshotOf(files);
  return (await server.get<Run>("POST", `${WS}/runs`, { experimentName: "spark", snapshotId, runConfiguration })).runId;
}
const ended = (runId: string) =>
  eventually(async () => {
    const run = await server.get<Run>("GET", `${WS}/runs/${runId}`);
    return run.endTimeUtc !== null && run;
  }, SECONDS);
const file = async (runId: string, path: string) => await (await server.ask("GET", `${WS}/runs/${runId}/files/${path}`)).text();
/** The Java programs of the executors' host that are executors, by their command line. */
const executors = async () =>
  (await executorsHost.processes()).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("CoarseGrainedExecutorBackend");
    } catch {
      return false; // it ended meanwhile
    }
  });

describe("executors on other machines", () => {
  it("find the client, the modules beside the script, and the environment", { timeout: 600_000 }, async () => {
    const runId = await submit({
      "train.py": `from pyspark.sql import SparkSession
from azureml.core import Run
session = SparkSession.builder.getOrCreate()
def seen(number):
    import os, socket, sys
    import rules
    from azureml.core import Run
    print("said by an executor")
    Run.get_context(allow_offline=True).log("from an executor", number)
    return socket.gethostname(), sys.executable.split("/")[-3:], rules.WORD, os.environ.get("AZUREML_RUN_ID")
[answer] = session.sparkContext.parallelize([1], 1).map(seen).collect()
print("answer", answer)
Run.get_context().log("answers", 1)
`,
      "rules.py": "WORD = 'beside'\n",
    });
    const run = await ended(runId);
    const said = await file(runId, "azureml-logs/80_driver_log.txt");
    expect(run, said + (await file(runId, "azureml-logs/60_control_log.txt"))).toMatchObject({ status: "Completed" });
    expect(said).toContain(`answer ('${executorsHost.name}', ['switchyard_environment', 'bin', 'python'], 'beside', None)`);
    // what executors print stays with Spark, and only the driver program logs for the run
    expect(said).not.toContain("said by an executor\n");
    expect(await server.get("GET", `${WS}/runs/${runId}/metrics`)).toMatchObject([{ name: "answers", last: 1 }]);
    expect(await file(runId, "azureml-logs/60_control_log.txt")).toMatch(/master: spark:.*\n.*The driver program stays here whatever/);
  });

  it("are not missed by a script that asks for local ones", { timeout: 600_000 }, async () => {
    const runId = await submit({
      "train.py": `from pyspark.sql import SparkSession
import sys
session = SparkSession.builder.master("local[1]").getOrCreate()
print("answer", session.sparkContext.parallelize([1], 1).map(lambda _: sys.version_info[0]).collect())
`,
    });
    expect(await ended(runId)).toMatchObject({ status: "Completed" });
    expect(await file(runId, "azureml-logs/80_driver_log.txt")).toContain("answer [3]\n");
  });

  it("go when the run is canceled", { timeout: 600_000 }, async () => {
    const runId = await submit({
      "train.py": `from pyspark.sql import SparkSession
import time
SparkSession.builder.getOrCreate().sparkContext.parallelize([1], 1).map(lambda _: time.sleep(600)).collect()
`,
    });
    await eventually(async () => (await executors()).length === 1, SECONDS);
    await server.get("POST", `${WS}/runs/${runId}/cancel`);
    expect(await ended(runId)).toMatchObject({ status: "Canceled" });
    await eventually(async () => (await executors()).length === 0, SECONDS);
  });
});
