// Trials that tell their sweep, as scripts of Azure ML v1 do with run.parent: the same story, whatever carries them.
import type { Run } from "@switchyard/protocol";
import { expect } from "vitest";
import { endedSweep, inWorkspace, sendScript, submitSweep, sweepOf } from "../../support/sweeps.ts";
import type { Elsewhere } from "./elsewhere.ts";

/** What it asks needs the server; what it says does not. */
const TRAIN = `
import argparse
from azureml.core import Run
parser = argparse.ArgumentParser()
parser.add_argument("--x", type=float)
x = parser.parse_args().x
run = Run.get_context()
sweep = run.parent
for _ in range(50):
    sweep.log("score", 1000 + x)
sweep.log_row("rows", x=x)
sweep.log_list("list %d" % x, [x])
sweep.log_table("table %d" % x, {"x": [x]})
sweep.tag("tag %d" % x, "said")
sweep.add_properties({"x %d" % x: x})
with open("note.txt", "w") as file:
    file.write(str(x))
sweep.upload_file("notes/%d.txt" % x, "note.txt")
sweep.upload_file("shared.txt", "note.txt")
sweep.log_image("picture", path="note.txt")
run.log("score", x)
assert sweep.get_metrics("score")["score"].count(1000 + x) == 50
assert sweep.get_tags()["tag %d" % x] == "said"
assert sweep.get_properties()["x %d" % x] == str(x)
assert run.id in [child.id for child in sweep.get_children()]
assert sweep.get_details()["runType"] == "hyperdrive"
sweep.display_name = "renamed"
sweep.complete()
for forbidden in (sweep.cancel, lambda: next(child for child in sweep.get_children() if child.id != run.id).get_metrics()):
    try:
        forbidden()
    except StopIteration:
        continue  # the others are not there yet
    except Exception as error:
        assert "403" in str(error) or "descendant" in str(error), error
    else:
        raise AssertionError("this was not refused")
`;

const SPACE = [{ name: "x", expression: "choice", values: [1, 2, 3, 4] }];

/** Four trials, two at once, speak of the sweep: all of it is there, and their scores are their own. */
export async function expectToldAbove({ server, target, configuration = {} }: Omit<Elsewhere, "policy" | "places">): Promise<void> {
  const { client } = server;
  const { runId } = await submitSweep(client, {
    snapshotId: await sendScript(client, "train.py", TRAIN),
    target,
    configuration,
    sweep: sweepOf(SPACE, { sampling: { type: "grid", parameter_space: SPACE }, max_concurrent_runs: 2 }),
  });
  const of = { params: { ...inWorkspace, runId } };
  const sweep = await endedSweep(() => client, runId, 150);
  expect(sweep).toMatchObject({ status: "Completed", error: null, counts: { finished: 4 }, best: { score: 4, values: { x: 4 } } });
  expect(sweep.trials.map(({ score }) => score)).toEqual([1, 2, 3, 4]);
  const told: Run = await client.getRun(of);
  for (const x of [1, 2, 3, 4]) {
    expect(told.tags).toMatchObject({ [`tag ${x}`]: "said" });
    expect(told.properties).toMatchObject({ [`x ${x}`]: `${x}.0` });
  }
  expect(told.displayName).not.toBe("renamed");
  const { values } = await client.readMetric({ params: { ...of.params, name: "score" }, query: { maxPoints: 1000 } });
  for (const x of [1, 2, 3, 4]) expect(values.filter((value) => value === 1000 + x)).toHaveLength(50);
  const counts = Object.fromEntries((await client.listMetrics(of)).map(({ name, count }) => [name, count]));
  expect(counts).toMatchObject({ score: 200, rows: 4, picture: 4, "list 1": 1, "table 4": 1 });
  const files = (await client.listRunFiles(of)).map(({ path }) => path);
  expect(files).toEqual(expect.arrayContaining(["notes/1.txt", "notes/2.txt", "notes/3.txt", "notes/4.txt", "shared.txt"]));
  expect(files.filter((path) => path.startsWith("picture_"))).toHaveLength(4);
  const why = await Promise.all(sweep.trials.map((trial) => client.whyRun({ params: { ...inWorkspace, runId: trial.runId } })));
  for (const { hints } of why) expect(hints.join()).toContain("which is above this run");
  const warned = await Promise.all(sweep.trials.map((trial) => client.getRun({ params: { ...inWorkspace, runId: trial.runId } })));
  expect(warned.filter(({ warnings }) => warnings.join().includes("another file of this name, which stays"))).toHaveLength(3);
  expect(await client.replaySweep(of)).toMatchObject({ identical: true });
}
