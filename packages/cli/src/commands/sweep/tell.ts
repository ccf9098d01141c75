import { trialRunId } from "@switchyard/protocol";
import { BadRequest, Conflict, NotFound } from "@switchyard/protocol/errors";
import { defineCommand } from "../../command.ts";
import { count, text, toggle } from "../../flags.ts";
import { numberInWords } from "../../output/words.ts";
import { RUN_ARGS, RUN_FLAGS, runParams } from "../run/which.ts";

export const tellTrial = defineCommand({
  summary: "Tell a sweep what came of a trial that you tried yourself",
  description: "Logs the score to the trial's run as the primary metric, and ends that run",
  args: RUN_ARGS,
  flags: {
    ...RUN_FLAGS,
    trial: count({ help: "number of the trial, as `sweep suggest` said it", valueName: "N" }),
    score: text({ help: "its value of the primary metric", valueName: "NUMBER" }),
    failed: toggle({ help: "it failed" }),
  },
  examples: [
    ["switchyard sweep tell -r RUN --trial 3 --score 0.91", "the trial is finished"],
    ["switchyard sweep tell -r RUN --trial 3 --failed", "and has no score"],
  ],
  async act(context) {
    const { connect, out, flags, world } = context;
    const score = scoreOf(flags);
    if (flags.trial === undefined) throw new BadRequest("Which trial? Give --trial N, as `switchyard sweep suggest` said it.");
    const params = await runParams(context);
    const api = await connect();
    const { trials, configuration } = await api.getSweep({ params, query: {} });
    const trial = trials[flags.trial];
    if (trial === undefined) throw new NotFound(`The sweep ${params.runId} has no trial ${flags.trial}.`);
    if (trial.origin !== "lent")
      throw new BadRequest(
        `Trial ${trial.trial} of ${params.runId} is tried by the sweep itself; only what \`sweep suggest\` gave is told.`,
      );
    if (trial.state !== "pending")
      throw new Conflict(`Trial ${trial.trial} of ${params.runId} is over (${trial.state}); nothing more can be told of it.`);
    const ofTrial = { ...params, runId: trialRunId(params.runId, trial.trial) };
    if (score !== null) {
      const point = { n: 1, t: world.now().getTime() / 1000, k: "m", name: configuration.primaryMetricName, v: score };
      const body = new TextEncoder().encode(`${JSON.stringify(point)}\n`);
      await api.logMetrics({ params: ofTrial, query: { writer: `told-${crypto.randomUUID()}` }, body });
    }
    const run = await api.endRun({ params: ofTrial, body: { status: flags.failed ? "Failed" : "Completed" } });
    const came = score === null ? "failed" : `${configuration.primaryMetricName} ${numberInWords(score)}`;
    await out.result(run, { human: () => `Trial ${trial.trial} of ${params.runId}: ${came}.` });
  },
});

function scoreOf({ score, failed }: { readonly score: string | undefined; readonly failed: boolean }): number | null {
  if (score === undefined && !failed) throw new BadRequest("What came of it? Give --score NUMBER or --failed.");
  if (score === undefined) return null;
  if (score.trim() === "" || !Number.isFinite(Number(score))) throw new BadRequest(`Option --score: "${score}" is not a number.`);
  return Number(score);
}
