// What a user does with compute targets, command by command, as docs/guide tells it: one story, so each test stands on
// those before it.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ComputeKindRow, ComputeTarget, Run, Why } from "@switchyard/protocol";
import { afterAll, describe, expect, it } from "vitest";
import { Desk, problemOf } from "../support/desk.ts";
import { atTerminal } from "../support/terminal.ts";
import { until } from "../support/wait.ts";

const desk = new Desk();
afterAll(() => desk.close());

const TRAIN = `import os, sys
from azureml.core import Run
Run.get_context().log("accuracy", 0.5)
open("outputs/model.txt", "w").write("model")
print("trained in", os.getcwd(), sys.argv[1:])
`;
desk.write("train.py", TRAIN);

const computetarget = <T = ComputeTarget>(...argv: string[]) => desk.json<T>("computetarget", ...argv);
const refused = async (...argv: string[]) => {
  const ended = await desk.switchyard("computetarget", ...argv);
  return { exit: ended.code, ...problemOf(ended) };
};

describe("local", () => {
  it("is there from the start, takes runs, and is the target of a run that names none", async () => {
    expect(await computetarget<ComputeTarget[]>("list", "--check")).toMatchObject([{ name: "local", type: "local", healthy: true }]);
    expect((await desk.submit("train.py")).run).toMatchObject({ status: "Completed", target: "local" });
    expect((await desk.submit("--target", "local", "train.py", "--epochs", "3")).run).toMatchObject({
      status: "Completed",
      target: "local",
    });
    const shown = await desk.switchyard("computetarget", "show", "local", "-o", "yaml");
    expect(shown.stdout).toContain("provisioningState: Succeeded");
  });

  it("cannot be made, changed or deleted", async () => {
    expect(await refused("create", "local")).toMatchObject({ exit: 2 });
    expect(await refused("delete", "local", "-y")).toMatchObject({ message: expect.stringContaining("cannot be changed") });
    expect(await refused("update", "-n", "local", "--tag", "a=b")).toMatchObject({ exit: 1 });
  });

  it("stands in the capability matrix beside the other kinds", async () => {
    const kinds = await computetarget<ComputeKindRow[]>("kinds");
    expect(kinds.find(({ type }) => type === "local")).toMatchObject({ available: true, capabilities: { submit: true, multiNode: false } });
    const { stdout } = await desk.switchyard("computetarget", "kinds", "-o", "table");
    expect(stdout).toMatch(/^databricks +attach +not yet +- /m);
  });
});

describe("a compute instance", () => {
  it("is created, and a run configuration for it lies in the project", async () => {
    await desk.json("folder", "attach", "-e", "instance");
    const made = await desk.switchyard(
      ..."computetarget create computeinstance --name my-instance --vm-size STANDARD_D2_V2 --tag team=vision".split(" "),
    );
    expect({ code: made.code, target: JSON.parse(made.stdout) }).toMatchObject({
      code: 0,
      target: {
        name: "my-instance",
        type: "computeinstance",
        provisioningState: "Succeeded",
        status: { state: "Running" },
        tags: { team: "vision" },
      },
    });
    expect(made.stderr).toContain("Wrote .azureml/my-instance.runconfig.");
    expect(readFileSync(join(desk.project, ".azureml/my-instance.runconfig"), "utf8")).toMatch(/^target: my-instance$/m);
  });

  it("runs the same script, unchanged, by --target alone, before or behind the script", async () => {
    const first = await desk.submit("--target", "my-instance", "train.py", "--epochs", "3");
    expect(first).toMatchObject({ code: 0, run: { status: "Completed", target: "my-instance", metrics: { accuracy: 0.5 } } });
    expect(first.stderr).toMatch(/trained in .*\/instances\/.* \['--epochs', '3'\]/);
    const second = await desk.submit("train.py", "--epochs", "4", "--target", "my-instance");
    expect(second).toMatchObject({ code: 0, run: { target: "my-instance" }, stderr: expect.stringContaining("['--epochs', '4']") });
  });

  it("runs what its run configuration says, environment included", async () => {
    const done = await desk.switchyard("run", "submit-script", "-c", "my-instance", "train.py");
    expect({ code: done.code, stderr: done.code === 0 ? "" : done.stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(done.stdout)).toMatchObject({ status: "Completed", target: "my-instance", experimentName: "instance" });
  });

  it("is listed with its state and what it can do", async () => {
    const { stdout } = await desk.switchyard("computetarget", "list", "-o", "table");
    expect(stdout).toMatch(/^my-instance +computeinstance +Running +(docker )?spark\* gpu\* tuning automl\* pipelines inference$/m);
    expect(await computetarget("show", "-n", "my-instance")).toMatchObject({ healthy: true, attached: false });
  });

  it("stopped, holds its runs back and says so; started, runs them", async () => {
    expect(await computetarget("stop", "-n", "my-instance")).toMatchObject({ status: { state: "Stopped" } });
    const { runId } = await desk.json<Run>("submit", "--async", "--target", "my-instance", "train.py");
    const why = await until(200, "why tells that it is stopped", async () => {
      const told = await desk.json<Why>("run", "why", "-r", runId);
      return told.summary.includes("is stopped") && told;
    });
    expect(why.summary).toContain("switchyard computetarget start -n my-instance");
    expect(await computetarget("start", "computeinstance", "-n", "my-instance")).toMatchObject({ status: { state: "Running" } });
    expect((await desk.switchyard("run", "monitor-logs", "-r", runId)).code).toBe(0);
    expect(await computetarget("computeinstance", "restart", "-n", "my-instance")).toMatchObject({ status: { state: "Running" } });
  });

  it("takes new tags and another description", async () => {
    const changed = await computetarget("update", "-n", "my-instance", "--tag", "cost=low", "--description", "for trying out");
    expect(changed).toMatchObject({ tags: { team: "vision", cost: "low" }, description: "for trying out" });
  });

  it("refuses what it cannot do, with the way out", async () => {
    const several = await desk.switchyard("submit", "train.py", "--target", "my-instance", "--node-count", "2");
    const mpi = await desk.switchyard("submit", "train.py", "--target", "my-instance", "--communicator", "mpi");
    expect([several.code, mpi.code]).toEqual([2, 2]);
    expect(problemOf(several)).toMatchObject({ code: "job_rejected", message: expect.stringContaining("several nodes") });
    expect(problemOf(mpi)).toMatchObject({ code: "job_rejected", message: expect.stringContaining("Mpi") });
    expect(await refused("nodes", "-n", "my-instance")).toMatchObject({ exit: 2, message: expect.stringContaining("is no cluster") });
    expect(await refused("update", "-n", "my-instance", "--max-nodes", "3")).toMatchObject({ exit: 2 });
    expect(await refused("detach", "-n", "my-instance")).toMatchObject({
      exit: 1,
      message: expect.stringContaining("deleted, not detached"),
    });
    expect(await refused("create", "computeinstance", "-n", "My-Instance")).toMatchObject({
      exit: 1,
      message: expect.stringMatching(/My-Instance/i),
    });
    expect(await refused("create", "computeinstance", "-n", "1st")).toMatchObject({ exit: 2, message: expect.stringContaining("letter") });
    expect(await refused("show", "-n", "my-instanc")).toMatchObject({
      exit: 3,
      message: expect.stringContaining('Did you mean "my-instance"'),
    });
    expect(await refused("get-credentials", "-n", "my-instance")).toMatchObject({ exit: 3 });
  });

  it("is not deleted while a run is on it, and then goes; the run configuration and its runs stay", async () => {
    const go = join(desk.place, "go");
    desk.write(
      "wait.py",
      `import os, sys, time\nend = time.monotonic() + 600\nwhile not os.path.exists(sys.argv[1]) and time.monotonic() < end: time.sleep(0.02)\n`,
    );
    const { runId } = await desk.json<Run>("submit", "--async", "--target", "my-instance", "wait.py", go);
    expect(await refused("delete", "-n", "my-instance", "--yes")).toMatchObject({ exit: 1, message: expect.stringContaining(runId) });
    writeFileSync(go, "");
    expect((await desk.switchyard("run", "monitor-logs", "-r", runId)).code).toBe(0);
    expect(await computetarget("delete", "computeinstance", "-n", "my-instance", "--yes")).toEqual({ name: "my-instance", deleted: true });
    expect((await desk.switchyard("computetarget", "show", "-n", "my-instance")).code).toBe(3);
    expect(existsSync(join(desk.project, ".azureml/my-instance.runconfig"))).toBe(true);
    expect(await desk.json("run", "list", "--compute-target-name", "my-instance", "--query", "length(@)")).toBe(5);
  });
});

describe("at a terminal", () => {
  it("deleting asks first", async () => {
    await computetarget("create", "computeinstance", "-n", "asked");
    const kept = await atTerminal(desk, ["computetarget", "delete", "-n", "asked"], [["[y/N] ", "n"]]);
    expect(kept).toMatchObject({ code: 1, text: expect.stringContaining("asked stays.") });
    const gone = await atTerminal(desk, ["computetarget", "delete", "-n", "asked"], [["[y/N] ", "yes"]]);
    expect(gone).toMatchObject({ code: 0, text: expect.stringContaining("Deleted asked.") });
  });

  it("a password is asked for, and appears nowhere", async () => {
    const argv = ["computetarget", "attach", "remote", "-n", "box", "-a", "127.0.0.1", "--ssh-port", "1", "-u", "me"];
    const { code, text } = await atTerminal(desk, argv, [["Password of me@127.0.0.1: ", "open sesame"]]);
    expect(code).toBe(1);
    expect(text).toContain("Error:");
    expect(text).not.toContain("sesame");
    for (const file of readdirSync(desk.home).filter((name) => name.startsWith("switchyard.db"))) {
      expect(readFileSync(join(desk.home, file)).includes("sesame"), file).toBe(false);
    }
  });

  it("Ctrl-C at the question leaves everything as it was", async () => {
    const argv = ["computetarget", "attach", "remote", "-n", "other", "-a", "127.0.0.1", "-u", "me"];
    expect(await atTerminal(desk, argv, [["Password of me@127.0.0.1: ", "\u0003"]])).toMatchObject({ code: 130 });
    expect((await desk.switchyard("computetarget", "show", "-n", "other")).code).toBe(3);
  });
});
