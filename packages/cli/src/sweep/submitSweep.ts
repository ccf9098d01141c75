import { type JsonObject, ownComputeProblem } from "@switchyard/protocol";
import { JobRejected } from "@switchyard/protocol/errors";
import type { ExitCode } from "../command.ts";
import { EXIT } from "../errors.ts";
import { findRunConfiguration } from "../project/runConfiguration.ts";
import { prepareSubmission, type SubmitContext, sendSnapshot } from "../submit/submit.ts";
import { findSweepConfiguration, readSweepConfiguration } from "./findSweepConfiguration.ts";
import { followSweep } from "./followSweep.ts";
import { sweepText, trialRow } from "./views.ts";

/** Submits a sweep, then follows it unless --async, or unless it makes no trials by itself. What needs no server is checked before one is started. */
export async function submitSweepAndFollow(context: SubmitContext, named: string, generates: boolean): Promise<ExitCode> {
  const { flags, out, world } = context;
  const { project, source, experimentName, runConfiguration } = await prepareSubmission(context);
  refuseOwnCompute(runConfiguration);
  const beside = await findRunConfiguration(project, flags.configuration, world.cwd);
  const file = await findSweepConfiguration(named, { project, cwd: world.cwd, runConfiguration: beside });
  const sweep = await readSweepConfiguration(file, argumentsIn(runConfiguration), (warning) => out.warn(warning));
  out.detail(`Sweep configuration: ${file}`);
  const { api, workspace, common } = await sendSnapshot(context, source, runConfiguration);
  const submitted = await api.submitSweep({
    params: { workspace },
    body: { ...common, experimentName, runConfiguration, sweep: sweep as unknown as JsonObject, generates },
    idempotencyKey: crypto.randomUUID(),
  });
  const { runId } = submitted;
  // what the configuration is warned of was said when it was read
  if (flags.async || !generates) {
    await out.result(submitted, {
      rows: () => submitted.trials.map(trialRow),
      human: () =>
        generates
          ? `Submitted ${runId}. How it stands: \`switchyard sweep show -r ${runId}\`.`
          : `Submitted ${runId}. A trial to try: \`switchyard sweep suggest -r ${runId}\`.`,
    });
    return EXIT.done;
  }
  out.note(`RunId: ${runId}\nIt goes on without you: Ctrl-C detaches, \`switchyard sweep show -r ${runId}\` tells how it stands.`);
  const followed = await followSweep(context, api, { workspace, runId });
  if (followed.detached) return followed.exitCode;
  const done = followed.sweep;
  await out.result(done, {
    rows: () => done.trials.map(trialRow),
    human: (paint) =>
      `\n${sweepText(done, world.now(), paint, { width: world.stdout.columns })}\n\nNext  switchyard sweep report -r ${runId} --html report.html`,
  });
  return done.status === "Completed" ? EXIT.done : EXIT.failed;
}

/** What goes with the first trial is refused before the folder is sent. */
function refuseOwnCompute({ target }: JsonObject): void {
  const problem = typeof target === "string" ? ownComputeProblem(target) : null;
  if (problem !== null) throw new JobRejected(problem);
}

function argumentsIn({ arguments: words }: JsonObject): string[] {
  return Array.isArray(words) ? words.map(String) : [];
}
