// A server with a script of many moods, and what tests ask of its sweeps.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { NumberedEntry, Sweep } from "@switchyard/protocol";
import { afterAll, beforeAll } from "vitest";
import { LiveServer } from "../../support/liveServer.ts";
import { endedSweep, getSweep, inWorkspace, sendScript, submitSweep, type sweepOf, uniform } from "../../support/sweeps.ts";
import { until } from "../../support/wait.ts";

/** Does as its arguments say: which script a test meets is said by the test. */
const TRAIN = `
import argparse, math, os, sys, time
from azureml.core import Run
parser = argparse.ArgumentParser()
parser.add_argument("--x", type=float, default=0.0)
parser.add_argument("--y", default="")
parser.add_argument("--do", default="log")
parser.add_argument("--gate", default="")
parser.add_argument("--resume-from", default="")
args = parser.parse_args()
run = Run.get_context()
if args.do == "log":
    run.log("score", args.x - 1)
    run.log("score", args.x)
    run.log("score", args.x - 2)
elif args.do == "other":
    run.log("Score", args.x)
    run.log("loss", args.x)
elif args.do == "text":
    run.log("score", str(args.x))
elif args.do == "nan":
    run.log("score", math.nan)
elif args.do == "parent":
    run.parent.log("score", args.x)
elif args.do == "same":
    run.log("score", 0.5)
elif args.do == "fail":
    run.log("score", args.x)
    sys.exit(3)
elif args.do == "wait":
    run.log("score", args.x)
    end = time.monotonic() + 600
    open(os.path.join(args.gate, "at-" + os.environ["AZUREML_RUN_ID"]), "w").close()
    while not os.path.exists(os.path.join(args.gate, "open")) and time.monotonic() < end:
        time.sleep(0.02)
elif args.do == "curve":
    end = time.monotonic() + 600
    while not os.path.exists(os.path.join(args.gate, "open")) and time.monotonic() < end:
        run.log("score", args.x)
        time.sleep(0.1)
os.makedirs("outputs", exist_ok=True)
with open("outputs/x.txt", "w") as file:
    file.write(str(args.x))
if args.resume_from:
    print("resumes from", sorted(os.listdir(args.resume_from)), open(os.path.join(args.resume_from, "x.txt")).read())
print("arguments", sys.argv[1:])
`;

/** The parameter that the script makes its score of. */
export const x = uniform("x", 0, 10);

/** Starts a server before the tests of a file and ends it after them. */
export function sweepLab() {
  const server = new LiveServer();
  const client = () => server.client;
  const gate = mkdtempSync(join(tmpdir(), "switchyard-gate-"));
  let train: string;
  beforeAll(async () => {
    await server.start();
    train = await sendScript(client(), "train.py", TRAIN);
  });
  afterAll(async () => {
    await server.close();
    rmSync(gate, { recursive: true, force: true });
  });
  const of = (runId: string) => ({ params: { ...inWorkspace, runId } });
  return {
    client,
    gate,
    submit: (sweep: ReturnType<typeof sweepOf>, words: readonly string[] = [], more: object = {}) =>
      submitSweep(client(), { snapshotId: train, sweep, arguments: words, ...more }),
    sweep: (runId: string) => getSweep(client(), runId),
    ended: (runId: string, seconds?: number) => endedSweep(client, runId, seconds),
    run: (runId: string) => client().getRun(of(runId)),
    textOf: async (runId: string, path: string) => await (await client().readRunFile({ params: { ...inWorkspace, runId, path } })).text(),
    journal: async (runId: string): Promise<NumberedEntry[]> =>
      (await client().readSweepJournal({ ...of(runId), query: { limit: 10_000 } })).entries,
    replayed: (runId: string) => client().replaySweep(of(runId)),
    stop: (runId: string, cancelRunning = false) => client().stopSweep({ ...of(runId), body: { cancelRunning } }),
    resume: (runId: string) => client().resumeSweep({ ...of(runId), body: {} }),
    whenRunning: (runId: string, trials: number): Promise<Sweep> =>
      until(200, `${trials} trials of ${runId} wait at the gate`, async () => {
        const at = readdirSync(gate).filter((name) => name.startsWith(`at-${runId}_`)).length;
        return at >= trials && (await getSweep(client(), runId));
      }),
    /** A sweep whose trials wait at a gate of its own until `open`. */
    gated: async <T>(act: (words: string[], open: () => void) => Promise<T>): Promise<T> => {
      const open = join(gate, "open");
      rmSync(open, { force: true });
      try {
        return await act(["--do", "wait", "--gate", gate], () => writeFileSync(open, ""));
      } finally {
        writeFileSync(open, "");
      }
    },
  };
}
