// Driver programs under a real Spark, started by the supervisor on this machine.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { JobSpark } from "@switchyard/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { QUICK_JAVA, testSpark } from "../../src/testing/spark.ts";
import { eventually, type JobOptions, processesOf, type TestJob, TestSite } from "./harness.ts";

const SECONDS = 240;
const DRIVER_LOG = "azureml-logs/80_driver_log.txt";
const CONTROL_LOG = "azureml-logs/60_control_log.txt";

const spark = (more: Partial<JobSpark> = {}): JobSpark => ({
  installation: "environment",
  packages: [],
  repositories: [],
  deployMode: "cluster",
  ...more,
  configuration: { "spark.ui.enabled": "false", "spark.app.name": "a name with 'quotes'", ...more.configuration },
});
const driver = (text: string, more: JobOptions = {}): JobOptions => ({
  command: { kind: "python", script: "train.py", arguments: ["a", "two words"] },
  environment: { kind: "user", interpreter: testSpark().python },
  spark: spark(),
  ...more,
  code: { "train.py": text, ...more.code },
});
const START = "from pyspark.sql import SparkSession\nsession = SparkSession.builder.getOrCreate()\n";
const ready = (job: TestJob) => eventually("the driver program is ready", () => job.read(DRIVER_LOG).includes("ready"), SECONDS);
const nothingIsLeft = (job: TestJob) => eventually("nothing is left", () => processesOf(job.folder).length === 0);
function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8");
  } catch {
    return ""; // it ended meanwhile
  }
}
async function run(job: TestJob) {
  await job.launch();
  return await job.ended(1, SECONDS);
}

let site: TestSite;
afterEach(() => site.clean());

describe.each(["dash", "busybox"] as const)("a driver program under %s", (shell) => {
  beforeEach(() => {
    site = new TestSite(shell);
    Object.assign(site.variables, QUICK_JAVA);
  });

  it("is started by the environment's Spark, with its settings, and its exit code is the run's", { timeout: 600_000 }, async () => {
    const text = `${START}
import os, sys
def seen(_):
    import helper, os, switchyard_client
    return helper.WORD, os.path.basename(os.path.dirname(switchyard_client.__file__)), os.environ.get("PYTHONPATH", "")
context = session.sparkContext
print("arguments", sys.argv[1:])
print("setting", context.getConf().get("spark.app.name"), context.master, context.getConf().get("spark.submit.deployMode"))
print("executor", context.parallelize([1], 1).map(seen).collect()[0][:2])
print("scratch", [name for name in os.listdir(os.environ["SPARK_LOCAL_DIRS"]) if name.startswith(("blockmgr", "spark"))] != [])
sys.exit(7)
`;
    const job = site.place(
      "whole",
      driver(text, { code: { "helper.py": "WORD = 'beside'\n" }, spark: spark({ configuration: { "spark.master": "local[1]" } }) }),
    );
    // where a site has its toolkit, this is a link
    symlinkSync(join(process.cwd(), "python"), join(job.folder, ".switchyard/python"));
    expect(await run(job), job.read(DRIVER_LOG)).toMatchObject({ exitCode: 7, signal: null, because: null });
    const said = job.read(DRIVER_LOG);
    expect(said).toContain("arguments ['a', 'two words']\n");
    expect(said).toContain("setting a name with 'quotes' local[1] client\n");
    expect(said).toContain("executor ('beside', 'switchyard_client')\n");
    expect(said).toContain("scratch True\n");
    expect(job.read(CONTROL_LOG)).toMatch(
      /The driver program is started here by \S+\/pyspark\/bin\/spark-submit \(.*java.*\); master: local\[1\]\./,
    );
    // nothing of Spark's own lies where files come home from
    expect(readdirSync(join(job.folder, "outputs"))).toEqual([]);
    expect(readdirSync(job.attempt()).sort()).not.toContain("spark");
    await nothingIsLeft(job);
  });
});

describe("a driver program", () => {
  beforeEach(() => {
    site = new TestSite("dash");
    Object.assign(site.variables, QUICK_JAVA);
  });

  it("and its Java are ended by a stop, with time to finish", { timeout: 600_000 }, async () => {
    const job = site.place("stopped", driver(`${START}import time\nprint("ready", flush=True)\ntime.sleep(600)\n`));
    await job.launch();
    await ready(job);
    expect(processesOf(job.folder).filter((pid) => nameOf(pid) === "java\n")).toHaveLength(1);
    await site.supervise("stop", job.folder, "20", "canceled");
    expect(await job.ended()).toMatchObject({ because: "canceled" });
    await nothingIsLeft(job);
  });

  it("that hangs, and the workers of its executor, are killed", { timeout: 600_000 }, async () => {
    const text = `${START}import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
def hang(_):
    import signal, time
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    open("hanging", "w").close()
    time.sleep(600)
session.sparkContext.parallelize([1], 1).map(hang).collect()
`;
    const job = site.place("hangs", driver(text));
    await job.launch();
    await eventually("a worker hangs", () => readdirSync(join(job.folder, "code")).includes("hanging"), SECONDS);
    await site.supervise("stop", job.folder, "0.5", "canceled");
    expect(await job.ended()).toMatchObject({ because: "canceled" });
    await nothingIsLeft(job);
  });

  it("is ended at its time limit, however far Spark has come", { timeout: 600_000 }, async () => {
    const limits = { maxSeconds: 5, graceSeconds: 5 };
    const job = site.place("late", driver(`${START}import time\ntime.sleep(600)\n`, { limits }));
    expect(await run(job)).toMatchObject({ because: "time_limit" });
    await nothingIsLeft(job);
  });

  const missing = async (job: TestJob) => {
    expect(await run(job)).toMatchObject({ exitCode: null, because: "launcher_missing" });
    return job.read(CONTROL_LOG) + job.read(DRIVER_LOG);
  };
  const system = { kind: "user", interpreter: "/usr/bin/python3" } as const;

  it("without Spark ends with what is missing and the ways out", async () => {
    const said = await missing(site.place("none", driver("", { environment: system })));
    expect(said).toMatch(
      /spark-submit was not found on .*: the environment has no package pyspark, .*\. Add pyspark to the environment's dependencies, or install Spark there\./,
    );
    const cluster = site.place("cluster", driver("", { spark: spark({ installation: "machine" }) }));
    expect(await missing(cluster)).toMatch(/neither on PATH nor below SPARK_HOME\. The target is attached as a Spark cluster/);
    const elsewhere = site.place("elsewhere", driver("", { variables: { SPARK_HOME: "/nowhere" } }));
    expect(await missing(elsewhere)).toContain("SPARK_HOME of the run is /nowhere, and there is no bin/spark-submit");
  });

  it("without Java ends with the same", async () => {
    const nowhere = site.place("nowhere", driver("", { variables: { JAVA_HOME: "/no/java" } }));
    expect(await missing(nowhere)).toMatch(
      /Spark needs Java\. JAVA_HOME is \/no\/java, and there is no bin\/java on .*\. Set JAVA_HOME to a Java that Spark takes, or add openjdk/,
    );
    const noPath = site.place("no-path", driver("", { variables: { PATH: site.tools } }));
    expect(await missing(noPath)).toMatch(
      /Spark needs Java, and there is none on .*: java is not on PATH, and JAVA_HOME is not set\. Install one there/,
    );
  });

  it("without its script or its Python ends as any script does", async () => {
    const lost = site.place("lost", driver("", { command: { kind: "python", script: "other.py", arguments: [] } }));
    expect(await run(lost)).toMatchObject({ because: "script_missing" });
    const bare = site.place("bare", driver("", { environment: { kind: "user", interpreter: "python9" } }));
    expect(await run(bare)).toMatchObject({ because: "interpreter_missing" });
  });

  it("takes Spark from SPARK_HOME or PATH of its machine where the target is a Spark cluster", async () => {
    // a spark-submit that shows what it is given: which one is found is the question here, and Spark's own start takes long
    const shows = '#!/bin/sh\nprintf "%s\\n" "$0" "SPARK_HOME=$SPARK_HOME" "$PYSPARK_PYTHON" "$@"\n';
    site.addTool("spark-submit", shows);
    const options = { installation: "machine" as const, packages: ["g:a:1", "g:b:2"], repositories: ["https://r.example/m"] };
    const job = site.place(
      "shown",
      driver("", { environment: system, spark: spark({ ...options, configuration: { "spark.x": "$HOME=1" } }) }),
    );
    expect(await run(job)).toMatchObject({ exitCode: 0 });
    const words = ["--deploy-mode", "client", "--packages", "g:a:1,g:b:2", "--repositories", "https://r.example/m", "--conf"];
    const settings = ["spark.ui.enabled=false", "--conf", "spark.app.name=a name with 'quotes'", "--conf", "spark.x=$HOME=1"];
    const seen = job.read(DRIVER_LOG).split("\n").slice(0, -1);
    expect(seen).toEqual([
      join(site.tools, "spark-submit"),
      "SPARK_HOME=",
      "/usr/bin/python3",
      ...words,
      ...settings,
      "train.py",
      "a",
      "two words",
    ]);
  });

  it("sends the client, the modules and the environment to executors of a cluster", async () => {
    site.addTool("spark-submit", '#!/bin/sh\nprintf "%s\\n" "$PYSPARK_PYTHON" "$PYSPARK_DRIVER_PYTHON" "$@"\n');
    const conf = site.root;
    writeFileSync(join(conf, "spark-defaults.conf"), "# spark.master local\nspark.master   yarn\nspark.eventLog.enabled true\n");
    const environment = {
      kind: "system",
      name: `azureml_${"a".repeat(32)}`,
      conda: "",
      requirements: "",
      whyNotPip: null,
      python: null,
      mayBuild: true,
    } as const;
    const code = { "train.py": "", "helper/__init__.py": "", "helper/deep.py": "X = 1\n", "notes.txt": "", "outputs/old.py": "" };
    const variables = { SPARK_CONF_DIR: conf };
    const job = site.place("away", driver("", { environment, spark: spark({ installation: "machine" }), code, variables }));
    symlinkSync(join(process.cwd(), "python"), join(job.folder, ".switchyard/python"));
    expect(await run(job), job.read(CONTROL_LOG)).toMatchObject({ exitCode: 0 });
    const prefix = join(site.root, "environments", environment.name);
    const seen = job.read(DRIVER_LOG).split("\n");
    expect(seen.slice(0, 2)).toEqual(["./switchyard_environment/bin/python", join(prefix, "bin/python")]);
    expect(seen).toContain(`${prefix}/.archive.tar.gz#switchyard_environment`);
    const zip = join(job.folder, ".switchyard/spark/modules.zip");
    expect(seen).toContain(zip);
    const names = execFileSync("python3", ["-m", "zipfile", "-l", zip], { encoding: "utf8" });
    for (const name of ["train.py", "helper/deep.py", "switchyard_client/__init__.py", "azureml/core/__init__.py"])
      expect(names).toContain(`${name} `);
    for (const name of ["notes.txt", "old.py"]) expect(names).not.toContain(name);
    const packed = execFileSync("tar", ["-tzf", join(prefix, ".archive.tar.gz")], { encoding: "utf8" });
    expect(packed).toContain("bin/python\n");
    expect(packed).not.toContain(".complete");
    expect(job.read(CONTROL_LOG)).toMatch(/master: yarn\.[\s\S]*stays here whatever hdi\.yarnDeployMode says \(cluster\)/);
  });
});
