// Programs that sweep, and a server for them.
import { afterAll, beforeAll } from "vitest";
import { Desk } from "../../support/desk.ts";
import { LiveServer } from "../../support/liveServer.ts";
import { pythonIn } from "../../support/python.ts";

/** Three values on the way to its level; `--fail` makes it fall, `--resume-from` goes on from what was kept. */
const TRAIN = `
import argparse, os
from azureml.core import Run
parser = argparse.ArgumentParser()
parser.add_argument("--level", type=float, default=0)
parser.add_argument("--kernel", default="none")
parser.add_argument("--penalty", default="none")
parser.add_argument("--bonus", type=float, default=0)
parser.add_argument("--mode", default="")
parser.add_argument("--fail", type=int, default=0)
parser.add_argument("--wait", default="")
parser.add_argument("--resume-from")
args = parser.parse_args()
run = Run.get_context()
begin = 0.0
if args.resume_from:
    begin = float(open(os.path.join(args.resume_from, "outputs", "level.txt")).read() if os.path.isdir(os.path.join(args.resume_from, "outputs")) else open(os.path.join(args.resume_from, "level.txt")).read())
run.log("begin", begin)
for part in (0.5, 0.8, 1.0):
    run.log("Accuracy", begin + part * (args.level + args.bonus))
os.makedirs("outputs", exist_ok=True)
open("outputs/level.txt", "w").write(str(args.level))
if args.wait and (args.wait != "low" or args.level < 0.5):
    import time
    until = time.time() + 400
    while not os.path.exists(args.wait) and time.time() < until: time.sleep(0.05)
if args.fail: raise SystemExit(3)
`;
/** Logs its metric as it is told: a number, a text, NaN. */
const ODD = `
import sys
from azureml.core import Run
for each in sys.argv[2].split(','):
    Run.get_context().log('Accuracy', float(each) if each != 'high' else each)
`;
const PREAMBLE = `
import json, os, sys, warnings
from azureml.core import *
from azureml.core import Environment, Experiment, Run, ScriptRunConfig, Workspace
from azureml.exceptions import *
from azureml.train.estimator import Estimator
from azureml.train.hyperdrive import *
from azureml.train.hyperdrive.exceptions import *
from azureml.widgets import RunDetails
from switchyard_client import sweeps
ws = Workspace.get("default")
mine = Environment("mine")
mine.python.user_managed_dependencies = True
mine.python.interpreter_path = "python3"
experiment = Experiment(ws, "sweeps")
src = ScriptRunConfig(".", "train.py", environment=mine)
def config(space, **more):
    given = dict(run_config=src, primary_metric_name="Accuracy", primary_metric_goal=PrimaryMetricGoal.MAXIMIZE, max_total_runs=6, max_concurrent_runs=3)
    given.update(more)
    return HyperDriveConfig(RandomParameterSampling(space) if isinstance(space, dict) else space, **given)
def say(*told): print("SAYS " + json.dumps(told), flush=True)
def refused(act):
    try: act()
    except Exception as error: say(type(error).__name__, str(error))
    else: say("not refused")
`;

/** Starts a server before the tests of a file and ends it after them; `python` answers what a program `say`s. */
export function pythonSweepLab() {
  const server = new LiveServer();
  const desk = new Desk();
  beforeAll(async () => {
    await server.start();
    desk.write("train.py", TRAIN);
    desk.write("odd.py", ODD);
    desk.write("mute.py", "from azureml.core import Run\nRun.get_context().log('los', 1)\n");
  });
  afterAll(async () => {
    await server.close();
    await desk.close();
  });
  const run = pythonIn({ home: server.home, cwd: desk.project, preamble: PREAMBLE });
  const python = async (code: string, program?: string) => {
    const { stdout, stderr } = await run(code, { program, seconds: 500 });
    const lines = stdout.split("\n").filter((line) => line.startsWith("SAYS "));
    return { said: lines.map((line) => JSON.parse(line.slice(5)) as unknown), stdout, stderr };
  };
  return { server, desk, python };
}
