import type { JsonObject, Run } from "@switchyard/protocol";
import type { Context, ExitCode } from "../command.ts";
import { runRow } from "../commands/run/views.ts";
import type { ArgumentValues, FlagValues } from "../flags.ts";
import { bytesInWords, counted } from "../output/words.ts";
import { projectFolder } from "../project/folder.ts";
import { experimentFor } from "../project/link.ts";
import { homeOf } from "../server/home.ts";
import { configurationFor } from "./configuration.ts";
import type { SUBMIT_ARGS, SUBMIT_FLAGS } from "./flags.ts";
import { checkScript, checkTravels, scriptIn } from "./script.ts";
import { sourceFolder } from "./source.ts";

export type SubmitContext = Context<ArgumentValues<typeof SUBMIT_ARGS>, FlagValues<typeof SUBMIT_FLAGS>>;

/** Submits a script, then follows its run unless --async. What needs no server is checked before one is started. */
export async function submitAndFollow(context: SubmitContext): Promise<ExitCode> {
  const { flags, global, out, world } = context;
  const project = projectFolder(world, global);
  const source = await sourceFolder(world, global, flags.sourceDirectory);
  const script = context.args.script === undefined ? undefined : await scriptIn(source, context.args.script, world.cwd);
  const configuration = await configurationFor(context, project, script);
  if (script === undefined) await checkScript(source, configuration);
  const experimentName = await experimentFor(project, flags.experiment);
  const run = await send(context, source, { experimentName, runConfiguration: configuration });
  for (const warning of run.warnings) out.warn(warning);
  if (flags.async) return finishAsync(context, run);
  out.note(`RunId: ${run.runId}\nIt runs on without you: Ctrl-C detaches, \`switchyard run show -r ${run.runId}\` tells how it stands.`);
  const { followRun } = await import("../stream/followRun.ts");
  const api = await context.connect();
  const followed = await followRun(context, api, { workspace: run.workspace, runId: run.runId });
  if (followed.detached) return followed.exitCode;
  return (await import("../stream/summary.ts")).summarise(context, api, followed.run);
}

async function finishAsync(context: SubmitContext, run: Run): Promise<ExitCode> {
  await context.out.result(run, {
    rows: () => runRow(run, context.world.now()),
    human: () => `Submitted ${run.runId}. Watch it with \`switchyard run monitor-logs -r ${run.runId}\`.`,
  });
  return 0;
}

/** Scans while the server is found or started, sends what it lacks, and posts the run. */
async function send(context: SubmitContext, source: string, what: { experimentName: string; runConfiguration: JsonObject }): Promise<Run> {
  const { flags, global, out, world } = context;
  const { scanFolder, uploadSnapshot, gitProperties } = await context.sdk();
  const [api, workspace, scan, git] = await Promise.all([
    context.connect(),
    context.workspace(),
    scanFolder(source, { home: homeOf(world, global) }),
    gitProperties(source),
  ]);
  checkTravels(what.runConfiguration, scan.excluded);
  for (const warning of scan.warnings) out.warn(warning);
  out.detail(`Snapshot: ${counted(scan.files, "file")}, ${bytesInWords(scan.bytes)}, root ${scan.root}`);
  const snapshot = await out.progress.during("Sending the snapshot …", (say) =>
    uploadSnapshot(api, workspace, scan, (sent) =>
      say(`Sending the snapshot: ${bytesInWords(sent.sentBytes)} of ${bytesInWords(sent.totalBytes)}`),
    ),
  );
  return api.submitRun({
    params: { workspace },
    body: {
      ...what,
      snapshotId: snapshot.snapshotId,
      properties: git,
      tags: flags.tag,
      ...(flags.name === undefined ? {} : { displayName: flags.name }),
    },
    idempotencyKey: crypto.randomUUID(),
  });
}
