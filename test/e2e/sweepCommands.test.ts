// Sweeps on the command line: the seed's YAML, the commands about a sweep, its report as a page, and files that are wrong.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Sweep, SweepJournal, SweepReport, SweepTrial } from "@switchyard/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Desk } from "../support/desk.ts";
import { until } from "../support/wait.ts";

const HDCONFIG = readFileSync(join(import.meta.dirname, "../seeds/blocks/001-09.yml"), "utf8");

const TRAIN = `import argparse
from azureml.core import Run
parser = argparse.ArgumentParser()
parser.add_argument("--penalty", type=float)
parser.add_argument("--epochs", type=int, default=1)
args = parser.parse_args()
run = Run.get_context()
for epoch in range(args.epochs):
    run.log("Accuracy", 1 - abs(1 - args.penalty) / (10 + epoch))
`;

const desk = new Desk();
beforeAll(async () => {
  desk.write("train.py", TRAIN);
  await desk.json("folder", "attach", "-e", "tuning");
  desk.write(".azureml/aml_config/nothing.txt", "");
  desk.write(".azureml/hdconfig.yml", HDCONFIG);
});
afterAll(() => desk.close());

const HYPERDRIVE = ["run", "submit-hyperdrive", "-e", "tuning", "-c", "local", "--hyperdrive-configuration-name"] as const;
const hyperdrive = (name: string, ...words: readonly string[]) => desk.switchyard(...HYPERDRIVE, name, ...words);

describe("a sweep on the command line", () => {
  let sweep: Sweep;

  it("runs the seed's hdconfig.yml as printed, and tells of every trial and of the best", async () => {
    const { code, stdout, stderr } = await hyperdrive("hdconfig", "train.py", "--epochs", "2");
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    sweep = JSON.parse(stdout) as Sweep;
    expect(sweep).toMatchObject({ status: "Completed", spaceSize: "3", exhausted: true, best: { score: 1, values: { "--penalty": 1 } } });
    expect(sweep.trials).toHaveLength(3); // fewer than max_total_runs: every combination once
    expect(stderr).toContain(`RunId: ${sweep.runId}`);
    for (const { trial, arguments: words } of sweep.trials)
      expect(stderr).toMatch(new RegExp(`Trial ${trial}: (finished|stopped).* ${words.join(" ")}`));
    const child = await desk.show(sweep.trials[0]!.runId);
    expect((child.runDefinition as { arguments: string[] }).arguments.slice(0, 3)).toEqual(["--epochs", "2", "--penalty"]);
  });

  it("is shown, replayed and reported, as text, JSON and a page", async () => {
    const { runId } = sweep;
    const shown = await desk.switchyard("sweep", "show", "-r", runId, "-o", "table");
    expect(shown.stdout).toMatch(/^Trial +State +Score +Intervals +Seconds +Values +RunId\n/);
    expect(shown.stdout.split("\n")[2]).toContain("--penalty 1"); // best first
    const best = await desk.json<SweepTrial>("sweep", "best", runId);
    expect(best).toMatchObject({ score: 1, runId: sweep.best!.runId });
    expect(await desk.json("sweep", "replay", "-r", runId)).toMatchObject({ identical: true, suggestions: 3 });
    const journal = await desk.switchyard("sweep", "journal", runId, "-o", "json");
    desk.write("journal.json", journal.stdout);
    expect(await desk.json("sweep", "replay", "--journal", "journal.json")).toMatchObject({ runId, identical: true, suggestions: 3 });
    desk.write("other.json", journal.stdout.replace(/"--penalty": 1\.5/g, '"--penalty": 1.25'));
    const other = await desk.switchyard("sweep", "replay", "--journal", "other.json");
    expect(other.code).toBe(1);
    expect(JSON.parse(other.stdout)).toMatchObject({ identical: false, difference: { what: expect.stringContaining("suggestion") } });
    desk.write("half.json", JSON.stringify({ runId, entries: (JSON.parse(journal.stdout) as SweepJournal).entries.slice(1) }));
    const half = await desk.switchyard("sweep", "replay", "--journal", "half.json");
    expect(half).toMatchObject({ code: 2, stderr: expect.stringContaining("is not whole: entry 0 is missing") });
    desk.write("broken.json", "{");
    expect(await desk.switchyard("sweep", "replay", "--journal", "broken.json")).toMatchObject({ code: 2 });
    expect(await desk.switchyard("sweep", "replay", runId, "--journal", "journal.json")).toMatchObject({ code: 2 });
    const report = await desk.json<SweepReport>("sweep", "report", "-r", runId, "--html", "report.html");
    expect(report.sweep.runId).toBe(runId);
    expect(report.trajectory.at(-1)).toMatchObject({ score: 1, trial: sweep.best!.trial });
    const page = readFileSync(join(desk.project, "report.html"), "utf8");
    expect(page).toMatch(/^<!doctype html>/);
    expect(page).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)|<link|@import/);
    expect(page.match(/<svg /g)!.length).toBeGreaterThanOrEqual(2);
    for (const trial of sweep.trials) expect(page).toContain(trial.runId);
  });

  it("is extended, stopped and resumed as far as there is something left", async () => {
    const { runId } = sweep;
    const exhausted = await desk.switchyard("sweep", "resume", "-r", runId);
    expect(exhausted).toMatchObject({ code: 1 });
    expect(exhausted.stderr).toContain("has tried every combination of its space");
    const stopped = await desk.json<Sweep>("sweep", "stop", "-r", runId, "--now");
    expect(stopped.status).toBe("Completed"); // over already: no error
    const nothing = await desk.switchyard("sweep", "extend", "-r", runId);
    expect(nothing).toMatchObject({ code: 2 });
    expect(nothing.stderr).toContain("Which limit?");
    desk.write(
      ".azureml/more.yml",
      HDCONFIG.replace("expression: choice", "expression: uniform")
        .replace("[0.5, 1, 1.5]", "[0.5, 1.5]")
        .replace("max_total_runs: 8", "max_total_runs: 2"),
    );
    const { code, stdout } = await hyperdrive("more.yml", "--async", "train.py");
    expect(code).toBe(0);
    const other = JSON.parse(stdout) as Sweep;
    const extended = await desk.json<Sweep>("sweep", "extend", "-r", other.runId, "--max-total-runs", "3");
    expect(extended.configuration.maxTotalRuns).toBe(3);
  });

  it("suggests values to a person who tries them, and hears what came of them", async () => {
    desk.write(".azureml/own.yml", HDCONFIG.replace("max_total_runs: 8", "max_total_runs: 2"));
    const { code, stdout } = await hyperdrive("own", "--suggest-only", "train.py");
    expect(code).toBe(0);
    const { runId } = JSON.parse(stdout) as Sweep;
    const one = await desk.json<SweepTrial>("sweep", "suggest", "-r", runId, "--key", "mine");
    expect(await desk.json("sweep", "suggest", "-r", runId, "--key", "mine")).toMatchObject({
      trial: 0,
      values: one.values,
      origin: "lent",
    });
    const tell = (...words: readonly string[]) => desk.switchyard("sweep", "tell", "-r", runId, ...words);
    for (const [words, told] of [
      [["--trial", "0"], "What came of it?"],
      [["--score", "1"], "Which trial?"],
      [["--trial", "0", "--score", "much"], '"much" is not a number'],
    ] as const)
      expect(await tell(...words)).toMatchObject({ code: 2, stderr: expect.stringContaining(told) });
    expect(await tell("--trial", "7", "--score", "1")).toMatchObject({ code: 3 });
    expect(await tell("--trial", "0", "--score", "-0.25")).toMatchObject({ code: 0 });
    await desk.json("sweep", "suggest", "-r", runId);
    expect(await tell("--trial", "1", "--failed")).toMatchObject({ code: 0 });
    const shown = await until(100, "the sweep is over", async () => {
      const now = await desk.json<Sweep>("sweep", "show", "-r", runId);
      return now.endTimeUtc !== null && now;
    });
    expect(shown).toMatchObject({ status: "Completed", best: { trial: 0, score: -0.25 }, counts: { finished: 1, failed: 1 } });
    expect(await tell("--trial", "0", "--score", "1")).toMatchObject({ code: 1, stderr: expect.stringContaining("is over (finished)") });
    expect(await desk.switchyard("sweep", "tell", "-r", sweep.runId, "--trial", "0", "--failed")).toMatchObject({ code: 2 });
  });

  it("is followed over a restart of the server", async () => {
    const gate = join(desk.place, "gate");
    desk.write(
      "waits.py",
      `${TRAIN}import os, time\nend = time.monotonic() + 100\nwhile not os.path.exists(${JSON.stringify(gate)}) and time.monotonic() < end: time.sleep(0.05)\n`,
    );
    const following = desk.begin(...HYPERDRIVE, "hdconfig", "waits.py");
    await following.until("RunId: HD_");
    process.kill(Number(readFileSync(join(desk.home, "server.pid"), "utf8")), "SIGKILL");
    await desk.json("run", "list"); // a command that needs a server starts one
    writeFileSync(gate, "");
    const { code, stdout, stderr } = await following.ended;
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining("Trial 2: finished") });
    expect(JSON.parse(stdout)).toMatchObject({ status: "Completed", counts: { finished: 3 } });
  });

  it("a page has the words of its help, and completion knows them", async () => {
    for (const command of ["show", "best", "stop", "resume", "extend", "report", "suggest", "tell", "journal", "replay"]) {
      const { code, stdout } = await desk.switchyard("sweep", command, "--help");
      expect({ command, code }).toEqual({ command, code: 0 });
      expect(stdout).toMatch(/Examples/);
    }
    const { stdout } = await desk.switchyard("__complete", "--", "sweep", "re");
    expect(stdout.split("\n").map((line) => line.split("\t")[0])).toEqual(["resume", "report", "replay", ""]);
    const named = await desk.switchyard("__complete", "--", "run", "submit-hyperdrive", "--hyperdrive-configuration-name", "hd");
    expect(named.stdout).toBe("hdconfig\n");
  });
});

describe("bad input", () => {
  it.each([
    ["hdconfg", HDCONFIG, /no sweep configuration "hdconfg".*Did you mean hdconfig/s],
    ["bad1", HDCONFIG.replace("expression: choice", "expression: choise"), /bad1\.yml:\d+:\d+.*choise.*choice/s],
    ["bad2", HDCONFIG.replace("[0.5, 1, 1.5]", "[]"), /bad2\.yml.*\bchoice\b/s],
    ["bad3", HDCONFIG.replace("slack_factor: 0.2", "slack_factr: 0.2"), /slack_fact/],
  ])("%s is refused before a server is asked", async (name, text, told) => {
    if (name !== "hdconfg") desk.write(`.azureml/${name}.yml`, text);
    const { code, stderr } = await hyperdrive(name, "train.py");
    expect(code).toBe(name === "hdconfg" ? 3 : 2);
    expect(stderr).toMatch(told);
  });

  it("a folder of that name is no configuration, and not offered as one", async () => {
    desk.write(".azureml/hdfolder.yml/nothing.txt", "");
    const { code, stderr } = await hyperdrive("hdfolder", "train.py");
    expect(code).toBe(3);
    expect(stderr).toContain('There is no sweep configuration "hdfolder"');
    expect(stderr).not.toMatch(/hdfolder\.yml|mean hdfolder/);
  });

  it("an argument that is in the space as well is refused", async () => {
    const { code, stderr } = await hyperdrive("hdconfig", "train.py", "--penalty", "1");
    expect(code).toBe(2);
    expect(stderr).toContain('gives the argument "--penalty" to all trials');
  });

  it("a run that is no sweep is named as what it is", async () => {
    const { run } = await desk.submit("train.py", "--penalty", "1");
    const { code, stderr } = await desk.switchyard("sweep", "show", "-r", run.runId);
    expect(code).toBe(3);
    expect(stderr).toContain("is no sweep (it is of type azureml.scriptrun)");
  });
});
