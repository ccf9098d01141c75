import { defineCommand } from "../../command.ts";
import { text, toggle } from "../../flags.ts";
import { followRun } from "../../stream/followRun.ts";
import { summarise } from "../../stream/summary.ts";
import { RUN_FLAGS, runParams } from "./which.ts";

export const rerunRun = defineCommand({
  summary: "Submit the code and the configuration of a run again",
  description: "The new run uses the snapshot of the old one, whatever the folder holds now",
  args: { arguments: { rest: "arguments of the script, instead of those of the old run" } },
  flags: {
    ...RUN_FLAGS,
    experiment: text({ short: "e", long: "experiment-name", help: "another experiment for the new run", valueName: "NAME" }),
    target: text({ aliases: ["ct"], help: "another compute target", valueName: "NAME" }),
    async: toggle({ help: "return as soon as the run is submitted" }),
  },
  examples: [
    ["switchyard run rerun -r RUN", "the same once more"],
    ["switchyard run rerun -r RUN -- --epochs 50", "the same code with other arguments"],
  ],
  async act(context) {
    const { args, connect, flags, out } = context;
    const api = await connect();
    const run = await api.rerunRun({
      params: await runParams({ ...context, args: { runId: undefined } }),
      body: {
        ...(args.arguments.length === 0 ? {} : { arguments: args.arguments }),
        ...(flags.target === undefined ? {} : { target: flags.target }),
        ...(flags.experiment === undefined ? {} : { experimentName: flags.experiment }),
      },
      idempotencyKey: crypto.randomUUID(),
    });
    if (flags.async) {
      await out.result(run, { human: () => `Submitted ${run.runId}.` });
      return;
    }
    out.note(`RunId: ${run.runId}`);
    const followed = await followRun(context, api, { workspace: run.workspace, runId: run.runId });
    return followed.detached ? followed.exitCode : summarise(context, api, followed.run);
  },
});
