import { defineCommand } from "../command.ts";
import { SUBMIT_ARGS, SUBMIT_FLAGS } from "../submit/flags.ts";
import { submitAndFollow } from "../submit/submit.ts";

export const submit = defineCommand({
  summary: "Run a script of this folder: no YAML, no server to start",
  description:
    "Takes a snapshot of the folder, submits it, shows the log and ends with the outcome of the run. Without a run\n" +
    "configuration the script runs in the active virtual or conda environment, else with python3. Options stand before\n" +
    "the script; everything after it belongs to the script, but for --target, --node-count, --communicator and\n" +
    "--process-count-per-node, which may stand anywhere. A script with such an option of its own takes it after a --",
  args: SUBMIT_ARGS,
  flags: SUBMIT_FLAGS,
  passThrough: true,
  ownAnywhere: ["target", "nodeCount", "communicator", "processCountPerNode"],
  examples: [
    ["switchyard submit train.py --epochs 5", "runs train.py here and shows its log"],
    ["switchyard submit train.py --target gpu-box", "the same script on another machine"],
    ["switchyard submit train.py --target cluster --node-count 4 --communicator mpi", "on four nodes at once"],
    ["switchyard submit train.py -- --target 5", "an option of the script's own of that name"],
    ["switchyard submit --pip-requirements requirements.txt train.py", "in an environment built once and reused"],
    ["switchyard submit -e mnist --tag team=vision --async train.py", "returns at once"],
  ],
  act: submitAndFollow,
});
