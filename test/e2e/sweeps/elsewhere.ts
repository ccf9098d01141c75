// What a sweep has to do on every kind of compute: the same story, whatever carries its trials.
import { readdirSync, readFileSync } from "node:fs";
import type { JsonObject, Run, Sweep } from "@switchyard/protocol";
import type { SwitchyardClient } from "@switchyard/sdk";
import { expect } from "vitest";
import type { LiveServer } from "../../support/liveServer.ts";
import { endedSweep, getSweep, inWorkspace, sendScript, submitSweep, sweepOf } from "../../support/sweeps.ts";
import { until } from "../../support/wait.ts";

/**
 * Good trials log three values and end; hopeless ones (below 5) go on until somebody ends them, unless they go on from an earlier
 * one. The one of `--waits` is silent after its third value until it is started anew, all hopeless ones until the file of `--gate`
 * is there.
 */
const TRAIN = `
import argparse, os, time
from azureml.core import Run
parser = argparse.ArgumentParser()
parser.add_argument("--x", type=float)
parser.add_argument("--resume-from")
parser.add_argument("--waits", type=float)
parser.add_argument("--gate")
args = parser.parse_args()
run = Run.get_context()
os.makedirs("outputs", exist_ok=True)
with open("outputs/x.txt", "w") as file:
    file.write(str(args.x))
if args.resume_from:
    print("goes on from", sorted(os.listdir(args.resume_from)), open(os.path.join(args.resume_from, "x.txt")).read())
# of several processes one says how it goes
logs = os.environ.get("SWITCHYARD_RANK", "0") == "0"
for _ in range(3 if logs else 0):
    run.log("score", args.x)
if args.x == args.waits and os.environ["SWITCHYARD_ATTEMPT"] == "1":
    logs = False
def is_open():
    return not args.gate or os.path.exists(args.gate)
end = time.monotonic() + 600
while args.x < 5 and not args.resume_from and time.monotonic() < end:
    if logs and is_open():
        run.log("score", args.x)
    time.sleep(0.1)
`;

/** Two good values and two hopeless ones. Policies judge from the fourth value on, so that they can only end hopeless ones. */
const SPACE = [{ name: "x", expression: "choice", values: [10, 1, 9, 2] }];
export const BANDIT = { type: "BanditPolicy", slack_factor: 0.2, evaluation_interval: 1, delay_evaluation: 4 };
export const MEDIAN = { type: "MedianStoppingPolicy", evaluation_interval: 1, delay_evaluation: 4 };

export interface Elsewhere {
  readonly server: Pick<LiveServer, "client">;
  readonly target: string;
  readonly policy: JsonObject;
  readonly places: number;
  /** what the run configuration says beside script, target and arguments */
  readonly configuration?: JsonObject;
}

/** Submits the sweep; answers its id. */
export async function submitElsewhere({ server, target, policy, places, configuration = {} }: Elsewhere, more: JsonObject = {}) {
  const limits = { policy, max_concurrent_runs: places, ...more };
  const { runId } = await submitSweep(server.client, {
    snapshotId: await sendScript(server.client, "train.py", TRAIN),
    target,
    configuration,
    sweep: sweepOf(SPACE, { sampling: { type: "grid", parameter_space: SPACE }, ...limits }),
  });
  return runId;
}

/** Waits for the end of the sweep, and checks all that it promises. */
export async function expectWholeSweep({ server, places }: Elsewhere, runId: string): Promise<Sweep> {
  const client = () => server.client;
  const sweep = await endedSweep(client, runId, 300);
  const runs = await Promise.all(sweep.trials.map((trial) => client().getRun({ params: { ...inWorkspace, runId: trial.runId } })));
  expect(
    runs.map(({ status, error }) => [status, error?.code]),
    JSON.stringify(runs.map(({ error, attempts }) => ({ error, attempts }))),
  ).toEqual([
    ["Completed", undefined],
    ["Canceled", "EarlyTermination"],
    ["Completed", undefined],
    ["Canceled", "EarlyTermination"],
  ]);
  expect(sweep).toMatchObject({ status: "Completed", error: null, warnings: [], counts: { finished: 2, stopped: 2 } });
  expect(sweep.best).toMatchObject({ trial: 0, score: 10, values: { x: 10 } });
  for (const [index, x] of [10, 1, 9, 2].entries()) {
    expect(sweep.trials[index]).toMatchObject({ values: { x }, score: x });
    expect(await textOf(client(), `${runId}_${index}`, "outputs/x.txt")).toBe(`${x}.0`);
  }
  await whenGone(runId);
  expect(mostAtOnce(runs)).toBeLessThanOrEqual(places);
  expect((await client().getRun({ params: { ...inWorkspace, runId } })).properties).toMatchObject({ best_child_run_id: `${runId}_0` });
  const replay = await client().replaySweep({ params: { ...inWorkspace, runId } });
  expect(replay).toMatchObject({ identical: true, suggestions: 4, difference: null });
  return sweep;
}

/** A trial that was ended early goes on in a sweep of its own, from what it left there. */
export async function expectGoesOn(where: Elsewhere, earlier: string): Promise<void> {
  const runId = await submitElsewhere(where, { resume_from: [earlier], resume_child_runs: [`${earlier}_1`], max_total_runs: 1 });
  const sweep = await endedSweep(() => where.server.client, runId);
  expect(sweep).toMatchObject({ status: "Completed", error: null, counts: { finished: 1 }, best: { score: 1 } });
  expect(sweep.trials).toMatchObject([{ origin: "continued", continues: `${earlier}_1`, values: { x: 1 } }]);
  expect(await logOf(where.server.client, `${runId}_0`)).toContain("goes on from ['x.txt'] 1.0");
}

/** A sweep without a policy, whose hopeless trial would go on for minutes, is canceled: its process ends where it is. */
export async function expectCancels(where: Elsewhere): Promise<void> {
  const { client } = where.server;
  const runId = await submitElsewhere({ ...where, policy: { type: "NoTerminationPolicy" } }, { max_total_runs: 3 });
  await whenBegun(where, runId, 2);
  await until(200, "the first trial has ended and the last one is there", async () => {
    const { counts, trials } = await getSweep(client, runId);
    return counts.finished > 0 && trials.length === 3;
  });
  expect(processesOf(runId)).not.toEqual([]);
  await client.cancelRun({ params: { ...inWorkspace, runId }, body: {} });
  expect(await endedSweep(() => client, runId)).toMatchObject({
    status: "Canceled",
    trials: [{ state: "finished" }, { state: "canceled" }, {}],
  });
  await whenGone(runId);
}

/** Waits until so many trials of the sweep have begun, wherever they are. */
export function whenBegun({ server }: Elsewhere, runId: string, trials: number): Promise<Sweep> {
  return until(200, `${trials} trials of ${runId} have begun`, async () => {
    const sweep = await getSweep(server.client, runId);
    const begun = sweep.trials.filter(({ intervals }) => intervals > 0);
    return begun.length >= trials && sweep;
  });
}

/** Waits until no process of any trial is left: what ends a job goes a moment after it. */
export async function whenGone(runId: string): Promise<void> {
  await until(100, `no process of ${runId} is left`, async () => processesOf(runId).length === 0);
}

/** The processes of all trials, on whichever machine of the tests: one kernel has them all. */
function processesOf(runId: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/environ`, "utf8").includes(`\0AZUREML_RUN_ID=${runId}_`);
    } catch {
      return false; // it has ended
    }
  });
}

/** How many scripts ran at once at most, by their machine's clock. */
function mostAtOnce(runs: readonly Run[]): number {
  const spans = runs.flatMap(({ attempts }) =>
    attempts.map(({ startTimeUtc, endTimeUtc }) => [Date.parse(startTimeUtc ?? ""), Date.parse(endTimeUtc ?? "")] as const),
  );
  return Math.max(...spans.map(([start]) => spans.filter(([from, to]) => from <= start && start < to).length));
}

const textOf = async (client: SwitchyardClient, runId: string, path: string) =>
  await (await client.readRunFile({ params: { ...inWorkspace, runId, path } })).text();

async function logOf(client: SwitchyardClient, runId: string): Promise<string> {
  const files = await client.listRunFiles({ params: { ...inWorkspace, runId }, query: { prefix: "azureml-logs/" } });
  const logs = files.filter(({ path }) => /\/[78]0_driver_log/.test(path));
  return (await Promise.all(logs.map(({ path }) => textOf(client, runId, path)))).join("");
}
