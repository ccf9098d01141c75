import type { RunDetails, RunFile } from "@switchyard/protocol";
import type { Context } from "../command.ts";
import { metricsText, paintStatus, runRow } from "../commands/run/views.ts";
import { EXIT } from "../errors.ts";
import type { Paint } from "../output/paint.ts";
import { listing } from "../output/table.ts";
import { bytesInWords, counted, elapsed } from "../output/words.ts";
import type { Client } from "../world.ts";

/** Outputs named one by one; beyond that, how many there are. */
const OUTPUTS_SHOWN = 10;

/** Ends a followed run: what came of it and where to look next. Returns the exit code of its outcome. */
export async function summarise(context: Pick<Context, "out" | "world">, api: Client, run: RunDetails): Promise<number> {
  const { out, world } = context;
  await out.result(run, { human: (paint) => summaryText(api, run, world.now(), paint), rows: () => runRow(run, world.now()) });
  return exitCodeOfRun(run);
}

/** 0 for a run that completed, 1 for every other end. */
export function exitCodeOfRun(run: Pick<RunDetails, "status">): number {
  return run.status === "Completed" ? EXIT.done : EXIT.failed;
}

async function summaryText(api: Client, run: RunDetails, now: Date, paint: Paint): Promise<string> {
  const params = { workspace: run.workspace, runId: run.runId };
  const outputs = await api.listRunFiles({ params, query: { prefix: "outputs/" } });
  const why = run.status === "Failed" ? await api.whyRun({ params }) : null;
  const facts = listing([
    ["Run", paint.bold(run.runId)],
    ["Status", paintStatus(run.status, paint)],
    ["Reason", why ? [why.summary, ...why.hints].join("\n") : run.error?.message],
    ["Warnings", run.warnings.join("\n")],
    ["Duration", elapsed(run.startTimeUtc, run.endTimeUtc, now)],
    ["Metrics", metricsText(run)],
    ["Outputs", outputsText(outputs)],
    ["Next", nextSteps(run, outputs.length > 0)],
  ]);
  return `\n${facts}`;
}

function outputsText(outputs: readonly RunFile[]): string {
  const lines = outputs.slice(0, OUTPUTS_SHOWN).map((file) => `${file.path} (${bytesInWords(file.size)})`);
  if (outputs.length > OUTPUTS_SHOWN) lines.push(`… and ${counted(outputs.length - OUTPUTS_SHOWN, "more file")}`);
  return lines.join("\n");
}

function nextSteps(run: RunDetails, hasOutputs: boolean): string {
  const steps = [`switchyard run show -r ${run.runId}`];
  if (hasOutputs) steps.push(`switchyard run download -r ${run.runId}`);
  steps.push(run.status === "Failed" ? `switchyard run why -r ${run.runId}` : "switchyard run list");
  return steps.join("\n");
}
