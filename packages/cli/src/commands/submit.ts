import { defineCommand } from "../command.ts";
import { SUBMIT_ARGS, SUBMIT_FLAGS } from "../submit/flags.ts";
import { submitAndFollow } from "../submit/submit.ts";

export const submit = defineCommand({
  summary: "Run a script of this folder: no YAML, no server to start",
  description:
    "Takes a snapshot of the folder, submits it, shows the log and ends with the outcome of the run. Without a run\n" +
    "configuration the script runs in the active virtual or conda environment, else with python3. Options stand before\n" +
    "the script; everything after it belongs to the script",
  args: SUBMIT_ARGS,
  flags: SUBMIT_FLAGS,
  passThrough: true,
  examples: [
    ["switchyard submit train.py --epochs 5", "runs train.py here and shows its log"],
    ["switchyard submit --pip-requirements requirements.txt train.py", "in an environment built once and reused"],
    ["switchyard submit -e mnist --tag team=vision --async train.py", "returns at once"],
  ],
  act: submitAndFollow,
});
