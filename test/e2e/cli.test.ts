// What a user does, command by command, as the README tells it: one story, so each test stands on those before it.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { GcReport, RegisteredEnvironment, Run, RunDiff, Why } from "@switchyard/protocol";
import { afterAll, describe, expect, it } from "vitest";
import { Desk } from "../support/desk.ts";
import { until } from "../support/wait.ts";

const desk = new Desk();
afterAll(() => desk.close());

const TRAIN = `import argparse, os, sys
from azureml.core import Run
parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int)
epochs = parser.parse_args().epochs
run = Run.get_context()
for epoch in range(epochs):
    run.log("loss", 1 / (epoch + 1))
run.log("accuracy", epochs / 10)
open("outputs/model.txt", "w").write("model of %d epochs" % epochs)
print("trained", epochs, "with", sys.prefix)
`;
const WAIT = `import os, sys, time
print("waiting", flush=True)
end = time.monotonic() + 600
while not os.path.exists(sys.argv[1]) and time.monotonic() < end:
    time.sleep(0.02)
`;
desk.write("train.py", TRAIN);
desk.write("wait.py", WAIT);
desk.write("data/big.csv", "a,b\n".repeat(1000));

let first: Run;
let second: Run;

describe("a project", () => {
  it("snapshot --dry-run shows what would travel, and starts no server", async () => {
    const scan = await desk.json<{ fileCount: number; files: { path: string; size: number }[] }>("snapshot", "--dry-run");
    expect(scan.files.map(({ path }) => path).toSorted()).toEqual(["data/big.csv", "train.py", "wait.py"]);
    expect(existsSync(desk.home) && existsSync(join(desk.home, "server.json"))).toBe(false);
  });

  it("folder attach writes the link and templates that can be used as they are", async () => {
    const attached = await desk.json<{ written: string[] }>("folder", "attach", "-e", "mnist");
    expect(attached).toMatchObject({ workspace: "default", experimentName: "mnist" });
    expect(attached.written).toEqual(
      expect.arrayContaining([".azureml/local.runconfig", ".azureml/conda_dependencies.yml", ".azureml/config.json"]),
    );
    expect(await desk.json("project", "attach", "-e", "mnist")).toMatchObject({ written: [] });
  });

  it("run submit-script -c local builds the environment once, streams the log, and ends with the outcome", async () => {
    const done = await desk.switchyard("run", "submit-script", "-e", "mnist", "-c", "local", "train.py", "--epochs", "5");
    expect({ code: done.code, log: done.stderr }).toEqual({ code: 0, log: expect.stringContaining("trained 5 with") });
    expect(done.stderr).toContain("Streaming azureml-logs/20_image_build_log.txt");
    expect(done.stderr).toContain(join(desk.home, "site/environments"));
    first = JSON.parse(done.stdout) as Run;
    expect(first).toMatchObject({ status: "Completed", experimentName: "mnist", target: "local", metrics: { accuracy: 0.5, loss: 0.2 } });
    expect(first).toMatchObject({ parentRunId: null, rootRunId: first.runId, runType: "azureml.scriptrun", tags: {} });
    const why = await desk.json<Why>("run", "why", "-r", first.runId);
    expect(JSON.stringify(why.timeline)).toMatch(/built|building/i);
  });

  it("run rerun takes the same code and another argument; the environment is there already", async () => {
    const done = await desk.switchyard("run", "rerun", "-r", first.runId, "--", "--epochs", "8");
    expect(done.code).toBe(0);
    second = JSON.parse(done.stdout) as Run;
    expect(second).toMatchObject({ status: "Completed", snapshotId: first.snapshotId, metrics: { accuracy: 0.8 } });
    expect(JSON.stringify((await desk.json<Why>("run", "why", "-r", second.runId)).timeline)).toMatch(/cached/i);
  });

  it("run list filters with JMESPath and prints a table", async () => {
    const query = "[?status=='Completed'].{id:runId,acc:metrics.accuracy}";
    const { code, stdout } = await desk.switchyard("run", "list", "-e", "mnist", "--query", query, "-o", "table");
    expect(code).toBe(0);
    expect(stdout.split("\n").map((line) => line.trim().split(/ +/))).toEqual([
      ["Id", "Acc"],
      [expect.stringMatching(/^-+$/), expect.stringMatching(/^-+$/)],
      [second.runId, "0.8"],
      [first.runId, "0.5"],
      [""],
    ]);
    expect((await desk.switchyard("run", "list", "--query", "[].runId", "-o", "tsv")).stdout).toBe(`${second.runId}\n${first.runId}\n`);
    expect(await desk.json("run", "list", "--where", "metrics.accuracy > 0.7", "--query", "[].runId")).toEqual([second.runId]);
  });

  it("every output format is there, for a program and for a person", async () => {
    const as = async (format: string) => (await desk.switchyard("run", "list", "--query", "[].{id:runId}", "-o", format)).stdout;
    expect(await as("yaml")).toBe(`- id: ${second.runId}\n- id: ${first.runId}\n`);
    expect(JSON.parse(await as("json"))).toEqual([{ id: second.runId }, { id: first.runId }]);
    expect(await as("jsonc")).toContain(second.runId);
    expect((await desk.switchyard("run", "list", "-o", "xml")).code).toBe(2);
  });

  it("run diff shows what differs", async () => {
    const diff = await desk.json<RunDiff>("run", "diff", "-r", first.runId, second.runId);
    expect(diff).toMatchObject({ code: [], environment: [], arguments: [{ what: "--epochs", a: "5", b: "8" }] });
    expect(diff.metrics).toContainEqual({ what: "accuracy", a: 0.5, b: 0.8 });
  });

  it("run show, monitor-logs and download give what is kept", async () => {
    expect(await desk.show(first.runId)).toMatchObject({ runId: first.runId, runDefinition: { script: "train.py" } });
    const logs = await desk.switchyard("run", "monitor-logs", "-r", first.runId);
    expect(logs).toMatchObject({ code: 0, stdout: expect.stringContaining("trained 5 with") });
    await desk.json("run", "download", "-r", first.runId, "-d", "got");
    expect(readFileSync(join(desk.project, "got/outputs/model.txt"), "utf8")).toBe("model of 5 epochs");
    await desk.json("run", "download", "-r", first.runId, "-d", "got"); // all is there already, logs included
    const again = await desk.switchyard("run", "download", "-r", second.runId, "-d", "got");
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining("--overwrite") });
    expect(readFileSync(join(desk.project, "got/outputs/model.txt"), "utf8")).toBe("model of 5 epochs");
  });

  it("run cancel stops a run, which ends as Canceled", async () => {
    desk.write(
      ".azureml/plain.runconfig",
      "script: wait.py\nenvironment: {python: {userManagedDependencies: true, interpreterPath: python3}}\n",
    );
    const go = join(desk.place, "never");
    const { runId } = await desk.json<Run>("run", "submit-script", "-c", "plain", "--async", "wait.py", go);
    await until(200, "the run is running", async () => (await desk.show(runId)).status === "Running");
    expect((await desk.json<Why>("run", "why", "-r", runId)).summary).toContain("is running");
    await desk.json("run", "cancel", "-r", runId, "--grace", "1");
    const watched = await desk.switchyard("run", "monitor-logs", "-r", runId, "-o", "json");
    expect({ code: watched.code, run: JSON.parse(watched.stdout) }).toMatchObject({ code: 1, run: { status: "Canceled" } });
  });

  it("a run that fails ends the command with 1, and why names the error", async () => {
    desk.write("broken.py", "import nupmy_is_missing\n");
    const failed = await desk.submit("-c", "plain", "broken.py");
    expect(failed).toMatchObject({ code: 1, run: { status: "Failed", error: { code: "ExitCode" } } });
    expect((await desk.json<Why>("run", "why", "-r", failed.run.runId)).summary).toContain("No module named 'nupmy_is_missing'");
  });
});

describe("environments", () => {
  it("are scaffolded, registered, listed, shown and downloaded again", async () => {
    await desk.json("environment", "scaffold", "-n", "tiny", "-d", "tiny");
    expect(await desk.json("environment", "register", "-d", "tiny")).toMatchObject({ name: "tiny", version: "1" });
    expect(await desk.json("environment", "register", "-d", "tiny")).toMatchObject({ name: "tiny", version: "1" });
    expect((await desk.json<RegisteredEnvironment[]>("environment", "list")).map(({ name }) => name)).toContain("tiny");
    expect(await desk.json("environment", "show", "-n", "tiny")).toMatchObject({ definition: { name: "tiny" } });
    await desk.json("environment", "download", "-n", "tiny", "-d", "again");
    expect(readFileSync(join(desk.project, "again/conda_dependencies.yml"), "utf8")).toContain("dependencies:");
    expect(await desk.switchyard("environment", "show", "-n", "tniy")).toMatchObject({ code: 3, stderr: expect.stringContaining("tniy") });
  });

  it("are pruned when nothing used them for a while, dry-run first, and built again when needed", async () => {
    const kept = await desk.json<{ names: string[] }>("environment", "prune");
    expect(kept).toMatchObject({ dryRun: true, count: 0 });
    const planned = await desk.json<{ names: string[] }>("environment", "prune", "--unused-days", "0");
    expect(planned.names).toHaveLength(1);
    const folder = join(desk.home, "site/environments", planned.names[0]!);
    expect(existsSync(folder)).toBe(true);
    expect(await desk.json("environment", "prune", "--unused-days", "0", "--yes")).toMatchObject({ dryRun: false, count: 1 });
    expect(existsSync(folder)).toBe(false);
  });
});

describe("the server", () => {
  it("gc frees what no run needs, dry-run first, and runs keep all they have", async () => {
    writeFileSync(join(desk.project, "unused.bin"), new Uint8Array(50_000).fill(7));
    await desk.json("snapshot");
    const dry = await desk.json<GcReport>("gc");
    expect(dry.dryRun).toBe(true);
    const freed = await desk.json<GcReport>("gc", "--yes");
    expect(freed.dryRun).toBe(false);
    await desk.json("run", "download", "-r", second.runId, "-d", "after-gc");
    expect(readFileSync(join(desk.project, "after-gc/outputs/model.txt"), "utf8")).toBe("model of 8 epochs");
    const again = await desk.switchyard("run", "rerun", "-r", first.runId);
    expect({ code: again.code, log: again.stderr }).toEqual({ code: 0, log: expect.stringContaining("trained 5 with") });
  });

  it("doctor checks the machine", async () => {
    const checks = JSON.parse((await desk.switchyard("doctor", "-o", "json")).stdout) as { name: string; state: string }[];
    expect(checks.length).toBeGreaterThan(4);
    expect(checks.filter(({ state }) => !["ok", "hint", "missing"].includes(state))).toEqual([]);
  });

  it("up, status and down: status gives pid, url, version, home and database", async () => {
    const status = await desk.json<{ pid: number }>("status", "-o", "json");
    expect(status).toMatchObject({ running: true, url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/), home: desk.home });
    expect(Object.keys(status)).toEqual(expect.arrayContaining(["pid", "url", "version", "home", "database"]));
    expect(await desk.json("up")).toMatchObject({ started: false, pid: status.pid });
    expect(await desk.json("down")).toMatchObject({ stopped: true, pid: status.pid });
    expect((await desk.switchyard("status")).code).toBe(4);
    expect(await desk.json("up")).toMatchObject({ started: true });
    expect(await desk.json("run", "list", "--query", "length(@)")).toBe(5);
  });
});
