import { BadRequest } from "@switchyard/protocol/errors";
import type { Context } from "../../command.ts";
import { text } from "../../flags.ts";

/** A command about one run takes its id as a word or with -r, whichever comes first to mind. */
export const RUN_ARGS = { runId: { optional: "id of the run (or give it with -r)" } } as const;
export const RUN_FLAGS = {
  run: text({ short: "r", help: "id of the run", valueName: "RUN" }),
  experiment: text({
    short: "e",
    long: "experiment-name",
    help: "accepted for older scripts; the run's id is enough",
    valueName: "NAME",
  }),
};

type NamesRun = Pick<Context, "workspace"> & {
  readonly args: { readonly runId: string | undefined };
  readonly flags: { readonly run: string | undefined };
};

/** The path parameters of the run that the command line names. */
export async function runParams(context: NamesRun): Promise<{ workspace: string; runId: string }> {
  return { workspace: await context.workspace(), runId: runIdOf(context) };
}

function runIdOf({ args, flags }: NamesRun): string {
  if (args.runId !== undefined && flags.run !== undefined && args.runId !== flags.run) {
    throw new BadRequest(`Two runs are named, ${args.runId} and ${flags.run}. This command is about one.`);
  }
  const runId = args.runId ?? flags.run;
  if (runId === undefined || runId === "") {
    throw new BadRequest("Which run? Give its id with -r RUN; `switchyard run list` shows the ids.");
  }
  return runId;
}

/** Where a download goes. */
export const OUTPUT_DIRECTORY = text({
  short: "d",
  aliases: ["output-dir"],
  help: "folder to write to; default: one named after the run",
  valueName: "FOLDER",
});
