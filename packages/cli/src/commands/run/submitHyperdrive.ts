import { defineCommand } from "../../command.ts";
import { text, toggle } from "../../flags.ts";
import { SUBMIT_ARGS, SUBMIT_FLAGS } from "../../submit/flags.ts";
import { submitSweepAndFollow } from "../../sweep/submitSweep.ts";

export const submitHyperdrive = defineCommand({
  summary: "Submit a sweep: a script, many times, with values that a sampler chooses",
  description:
    "Reads the run configuration as submit-script does, and beside it the sweep's configuration: what is varied,\n" +
    "how values are chosen, which trials are ended early, and the limits. Every trial is a run of its own, below\n" +
    "the sweep's. The script gets the fixed arguments, then `--name value` for every parameter. Tells of every\n" +
    "trial that ends, and which was best, unless --async",
  args: SUBMIT_ARGS,
  flags: {
    ...SUBMIT_FLAGS,
    hyperdriveConfigurationName: text({
      required: true,
      aliases: ["hyperdrive-configuration"],
      help: "the sweep's configuration: name in .azureml/ or aml_config/, with or without .yml, or path",
      valueName: "NAME",
    }),
    suggestOnly: toggle({ help: "make no trials: `sweep suggest` gives values to whoever tries them" }),
  },
  passThrough: true,
  examples: [
    [
      "switchyard run submit-hyperdrive -e mnist -c cluster --hyperdrive-configuration-name hdconfig train.py",
      "with .azureml/hdconfig.yml",
    ],
    [
      "switchyard run submit-hyperdrive -c local --hyperdrive-configuration-name hdconfig --async train.py --epochs 5",
      "--epochs 5 in every trial",
    ],
  ],
  act: (context) => {
    const { hyperdriveConfigurationName, suggestOnly } = context.flags;
    return submitSweepAndFollow(context, hyperdriveConfigurationName, !suggestOnly);
  },
});
