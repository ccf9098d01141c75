// Spark clusters as compute targets, through HTTP: the head node is a real sshd with a real Spark.
import { readFileSync } from "node:fs";
import { QUICK_JAVA, type SshHost, SshLab, sparkForEverybody } from "@switchyard/compute/testing";
import type { ComputeTarget, JsonObject, Run } from "@switchyard/protocol";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { eventually } from "./support/eventually.ts";
import { TemporaryServer } from "./support/temporaryServer.ts";

const WS = "/workspaces/default";
const SECONDS = 240_000;
const DRIVER_LOG = "azureml-logs/80_driver_log.txt";
const spark = sparkForEverybody();
const PATH = `${spark.home}/bin:/usr/local/bin:/usr/bin:/bin`;
let lab: SshLab;
let withoutSpark: SshHost;
let withoutJava: SshHost;
let server: TemporaryServer;
beforeAll(async () => {
  lab = await SshLab.start(1, { environment: { PATH, SPARK_HOME: spark.home, ...QUICK_JAVA } });
  withoutSpark = await lab.add();
  withoutJava = await lab.add({ tools: (name) => name !== "java", environment: { SPARK_HOME: spark.home } });
});
afterAll(async () => {
  await lab?.close();
  spark.remove();
});
beforeEach(async () => {
  server = await TemporaryServer.start();
});
afterEach(() => server.close());

let sites = 0;
const machine = (host: SshHost, more: object = {}) => {
  const { address, port, username } = host.settings();
  const { password } = lab.auth("password") as { password: string };
  sites += 1;
  return {
    type: "hdinsight",
    name: "myhdi",
    settings: { address, sshPort: port, username, siteRoot: `spark-site-${sites}`, ...more },
    secret: { password },
  };
};
async function attached(body: object): Promise<ComputeTarget> {
  await server.get("POST", `${WS}/computes/attach`, body);
  return await eventually(async () => {
    const target = await server.get<ComputeTarget>("GET", `${WS}/computes/myhdi`);
    return target.provisioningState !== "Creating" && target;
  }, SECONDS);
}
async function submit(text: string, more: JsonObject = {}): Promise<Run> {
  const snapshotId = await server.snapshotOf({ "train.py": text });
  const environment = { python: { userManagedDependencies: true, interpreterPath: spark.python } };
  const runConfiguration = {
    ...{ script: "train.py", framework: "pyspark", target: "myhdi", environment, hdi: { yarnDeployMode: "cluster" } },
    ...{ spark: { configuration: { "spark.ui.enabled": "false", "spark.master": "local[1]" } }, ...more },
  };
  return await server.get<Run>("POST", `${WS}/runs`, { experimentName: "spark", snapshotId, runConfiguration });
}
const look = (runId: string) => server.get<Run>("GET", `${WS}/runs/${runId}`);
const ended = (runId: string) =>
  eventually(async () => {
    const run = await look(runId);
    return run.endTimeUtc !== null && run;
  }, SECONDS);
const file = async (runId: string, path: string) => await (await server.ask("GET", `${WS}/runs/${runId}/files/${path}`)).text();
const says = (runId: string, word: string) => eventually(async () => (await file(runId, DRIVER_LOG)).includes(word), SECONDS);
const START = "from pyspark.sql import SparkSession\nsession = SparkSession.builder.getOrCreate()\n";
const HANGS = `${START}import time\nprint("ready", flush=True)\ntime.sleep(600)\n`;
const javas = async () =>
  (await lab.host.processes()).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/comm`, "utf8") === "java\n";
    } catch {
      return false; // it ended meanwhile
    }
  });

describe("a Spark cluster", () => {
  it("is attached by its head node, and runs driver programs whose logs, metrics and outputs come home", { timeout: 600_000 }, async () => {
    const target = await attached(machine(lab.host));
    expect(target).toMatchObject({ computeType: "HDInsight", attached: true, provisioningState: "Succeeded", provisioningErrors: [] });
    expect(target.status).toMatchObject({
      hostKey: expect.stringContaining("SHA256:"),
      spark: {
        submit: `${spark.home}/bin/spark-submit`,
        version: expect.stringMatching(/^3\.5\.\d+$/),
        javaVersion: expect.stringMatching(/^\d+(\.\d+)*$/),
        master: "local[*]",
      },
    });
    const { runId } = await submit(`${START}
import os
from azureml.core import Run
run = Run.get_context()
count = session.range(100).filter("id % 3 = 0").count()
print("counted", count)
run.log("rows", count)
os.makedirs("outputs", exist_ok=True)
open("outputs/model.txt", "w").write("model")
`);
    const run = await ended(runId);
    expect(run, await file(runId, DRIVER_LOG)).toMatchObject({ status: "Completed", attempts: [{ exitCode: 0, node: lab.host.name }] });
    expect(await file(runId, DRIVER_LOG)).toContain("counted 34\n");
    expect(await file(runId, "outputs/model.txt")).toBe("model");
    expect(await server.get("GET", `${WS}/runs/${runId}/metrics`)).toMatchObject([{ name: "rows", count: 1, last: 34 }]);
  });

  it("ends driver program and Java when a run is canceled", { timeout: 600_000 }, async () => {
    await attached(machine(lab.host));
    const { runId } = await submit(HANGS);
    await says(runId, "ready");
    expect((await javas()).length).toBe(1);
    await server.get("POST", `${WS}/runs/${runId}/cancel`);
    expect(await ended(runId)).toMatchObject({ status: "Canceled" });
    await eventually(async () => (await javas()).length === 0);
  });

  it("is Failed without Spark, and without Java, with the ways out", { timeout: 600_000 }, async () => {
    const bare = await attached(machine(withoutSpark));
    expect(bare).toMatchObject({ provisioningState: "Failed", healthy: false });
    expect(bare.provisioningErrors[0]?.message).toMatch(/There is no spark-submit on .*PATH.*SPARK_HOME.*attached as remote/);
    await server.get("POST", `${WS}/computes/myhdi/detach`);
    await eventually(async () => (await server.ask("GET", `${WS}/computes/myhdi`)).status === 404);
    const noJava = await attached(machine(withoutJava));
    expect(noJava.provisioningErrors[0]?.message).toMatch(/Spark was found on .*spark-submit.*no Java.*openjdk-17-jre-headless/);
  });
});
