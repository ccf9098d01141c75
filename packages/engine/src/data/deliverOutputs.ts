import { failPoint, JOB_LAYOUT, type RunOutput, type RunOutputResult, SwitchyardError } from "@switchyard/protocol";
import type { RunRecord } from "@switchyard/store";
import type { EngineContext } from "../context.ts";
import type { FrozenFile } from "./keeper.ts";

/** Errors that another try would meet again: the run ends with a warning. Those of the server's own disk are waited for. */
const MAY_PASS: ReadonlySet<string> = new Set(["disk_full", "database_unreachable", "server_unreachable", "internal"]);

/**
 * Puts what a run wrote for datastores there, once everything is home, and registers it where that is asked for and the run
 * succeeded. Done again it changes nothing. Answers what could not be done.
 */
export async function deliverOutputs(context: EngineContext, run: RunRecord, succeeded: boolean): Promise<string[]> {
  const data = await context.store.runData.get(run.id);
  if (data === undefined || data.outputs.length === 0 || context.data === null) return [];
  const warnings: string[] = [];
  const outputs: RunOutput[] = [];
  for (const output of data.outputs) {
    try {
      const result = output.result ?? (await deliver(context, run, output, succeeded, warnings));
      outputs.push({ ...output, result });
    } catch (error) {
      if (!(error instanceof SwitchyardError) || MAY_PASS.has(error.code)) throw error;
      warnings.push(
        `The output "${output.name}" was not put on datastore "${output.datastore}": ${error.message} Its files are below ${folderOf(output)}.`,
      );
      outputs.push(output);
    }
  }
  failPoint("outputs.delivered");
  await context.store.runData.replace(run.id, { ...data, outputs });
  failPoint("outputs.noted");
  for (const output of outputs) await removeDelivered(context, run.id, output);
  failPoint("outputs.removed");
  return warnings;
}

/** What is on the datastore need not be kept twice. What was left out stays a file of the run. */
async function removeDelivered({ artifacts: { runFiles } }: EngineContext, runId: string, output: RunOutput): Promise<void> {
  if (output.result?.skipped === 0) await runFiles.remove(runId, folderOf(output).slice(0, -1));
}

const folderOf = ({ name }: RunOutput): string => `${JOB_LAYOUT.dataOutputs}/${name}/`;

async function deliver(
  context: EngineContext,
  { id, workspace }: RunRecord,
  output: RunOutput,
  succeeded: boolean,
  warnings: string[],
): Promise<RunOutputResult> {
  const { artifacts, store } = context;
  const folder = folderOf(output);
  const files: FrozenFile[] = [];
  for (const file of await artifacts.runFiles.list(id, folder)) {
    if (file.sha256 === null) continue;
    const kept = await artifacts.runFiles.keepAsBlob(id, file.path);
    const below = file.path.slice(folder.length);
    files.push({ path: output.path === "" ? below : `${output.path}/${below}`, ...kept });
  }
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  if (files.length === 0) return { files: 0, bytes: 0, skipped: 0, datasetId: null, version: null };
  const { skipped = [] } = (await context.data?.deliver(workspace, output.datastore, files, output.overwrite)) ?? {};
  if (skipped.length > 0) {
    warnings.push(
      `${skipped.length} files of the output "${output.name}" were not put on datastore "${output.datastore}", where others of their names are ("${skipped[0]?.slice(0, 100)}"). Set overwrite to replace them.`,
    );
  }
  const definition = { kind: "file" as const, sources: [{ datastore: output.datastore, path: output.path }], steps: [] };
  const done = { files: files.length - skipped.length, bytes, skipped: skipped.length };
  if (output.register === null || !succeeded) {
    const { datasetId } = await store.datasets.save(workspace, definition);
    return { ...done, datasetId, version: null };
  }
  const { name, description, tags } = output.register;
  const registered = await store.datasets.register(workspace, name, definition, { description, tags, createNewVersion: true });
  return { ...done, datasetId: registered.datasetId, version: registered.version };
}
