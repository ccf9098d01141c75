import { defineCommand } from "../../command.ts";
import { SUBMIT_ARGS, SUBMIT_FLAGS } from "../../submit/flags.ts";
import { submitAndFollow } from "../../submit/submit.ts";

export const submitScript = defineCommand({
  summary: "Submit a script with a run configuration",
  description:
    "Reads .azureml/NAME.runconfig (else aml_config/NAME.runconfig), takes a snapshot of the folder, streams the logs and\n" +
    "ends with the outcome of the run, unless --async. Options stand before the script; everything after it belongs to\n" +
    "the script",
  args: SUBMIT_ARGS,
  flags: SUBMIT_FLAGS,
  passThrough: true,
  examples: [
    ["switchyard run submit-script -c local -e mnist train.py --epochs 5", "with .azureml/local.runconfig"],
    ["switchyard run submit-script -c local --async -t run.json", "script and arguments of the configuration; the run goes to run.json"],
  ],
  act: submitAndFollow,
});
