import type { JsonObject, Run } from "@switchyard/protocol";
import type { Context, ExitCode } from "../command.ts";
import { runRow } from "../commands/run/views.ts";
import type { ArgumentValues, FlagValues } from "../flags.ts";
import { bytesInWords, counted } from "../output/words.ts";
import { projectFolder } from "../project/folder.ts";
import { experimentFor } from "../project/link.ts";
import { homeOf } from "../server/home.ts";
import type { Client } from "../world.ts";
import { configurationFor } from "./configuration.ts";
import type { SUBMIT_ARGS, SUBMIT_FLAGS } from "./flags.ts";
import { checkScript, checkTravels, scriptIn } from "./script.ts";
import { sourceFolder } from "./source.ts";

export type SubmitContext = Context<ArgumentValues<typeof SUBMIT_ARGS>, FlagValues<typeof SUBMIT_FLAGS>>;

/** What is settled before a server is asked. */
export interface Prepared {
  readonly project: string;
  readonly source: string;
  readonly experimentName: string;
  readonly runConfiguration: JsonObject;
}

/** Checks and reads all that needs no server, so that none is started for what cannot go on. */
export async function prepareSubmission(context: SubmitContext): Promise<Prepared> {
  const { flags, global, world } = context;
  const project = projectFolder(world, global);
  const source = await sourceFolder(world, global, flags.sourceDirectory);
  const script = context.args.script === undefined ? undefined : await scriptIn(source, context.args.script, world.cwd);
  const runConfiguration = await configurationFor(context, project, script);
  if (script === undefined) await checkScript(source, runConfiguration);
  return { project, source, runConfiguration, experimentName: await experimentFor(project, flags.experiment) };
}

/** Submits a script, then follows its run unless --async. */
export async function submitAndFollow(context: SubmitContext): Promise<ExitCode> {
  const { flags, out } = context;
  const { source, experimentName, runConfiguration } = await prepareSubmission(context);
  const { api, workspace, common } = await sendSnapshot(context, source, runConfiguration);
  const body = { ...common, experimentName, runConfiguration };
  const run = await api.submitRun({ params: { workspace }, body, idempotencyKey: crypto.randomUUID() });
  for (const warning of run.warnings) out.warn(warning);
  if (flags.async) return finishAsync(context, run);
  out.note(`RunId: ${run.runId}\nIt runs on without you: Ctrl-C detaches, \`switchyard run show -r ${run.runId}\` tells how it stands.`);
  const { followRun } = await import("../stream/followRun.ts");
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

/** A snapshot that was sent, and what a submission of any kind says beside its configuration. */
export interface Sent {
  readonly api: Client;
  readonly workspace: string;
  readonly common: {
    readonly snapshotId: string;
    readonly properties: Record<string, string>;
    readonly tags: Record<string, string | null>;
    readonly displayName?: string;
  };
}

/** Scans while the server is found or started, and sends what it lacks. */
export async function sendSnapshot(context: SubmitContext, source: string, runConfiguration: JsonObject): Promise<Sent> {
  const { flags, global, out, world } = context;
  const { scanFolder, uploadSnapshot, gitProperties } = await context.sdk();
  const [api, workspace, scan, properties] = await Promise.all([
    context.connect(),
    context.workspace(),
    scanFolder(source, { home: homeOf(world, global) }),
    gitProperties(source),
  ]);
  checkTravels(runConfiguration, scan.excluded);
  for (const warning of scan.warnings) out.warn(warning);
  out.detail(`Snapshot: ${counted(scan.files, "file")}, ${bytesInWords(scan.bytes)}, root ${scan.root}`);
  const { snapshotId } = await out.progress.during("Sending the snapshot …", (say) =>
    uploadSnapshot(api, workspace, scan, (sent) =>
      say(`Sending the snapshot: ${bytesInWords(sent.sentBytes)} of ${bytesInWords(sent.totalBytes)}`),
    ),
  );
  const displayName = flags.name === undefined ? {} : { displayName: flags.name };
  return { api, workspace, common: { snapshotId, properties, tags: flags.tag, ...displayName } };
}
