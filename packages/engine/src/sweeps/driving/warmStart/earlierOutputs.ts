import { JOB_LAYOUT, type JsonObject, RESUME_ARGUMENT, type RunInput, type Submission } from "@switchyard/protocol";
import type { EngineContext } from "../../../context.ts";
import { pathVariable } from "../../../data/jobData.ts";
import type { FrozenFile } from "../../../data/keeper.ts";
import { storeTree } from "../../../data/storeTree.ts";
import type { SweepTrialState } from "../state.ts";

/** The input by which a trial finds what an earlier one left. */
const INPUT = "resume_from";
const READ_ONLY = 0o444;

/** The submission of a trial that goes on from an earlier one: it reads that one's outputs, and is told where they are. */
export async function withEarlierOutputs(
  context: EngineContext,
  submission: Submission,
  { continues }: Pick<SweepTrialState, "continues">,
): Promise<{ readonly submission: Submission; readonly inputs: readonly RunInput[] }> {
  if (continues === null) return { submission, inputs: [] };
  const configuration = submission.runConfiguration as JsonObject;
  const name = freeName(configuration);
  const words = [...((configuration.arguments as readonly string[] | undefined) ?? []), RESUME_ARGUMENT, `$${pathVariable(name)}`];
  const runConfiguration = { ...configuration, arguments: words };
  return { submission: { ...submission, runConfiguration }, inputs: [await outputsOf(context, continues, name)] };
}

/** A name that no input or output of the run configuration has. */
function freeName(configuration: JsonObject): string {
  const taken = new Set(["data", "dataReferences", "outputData"].flatMap((section) => Object.keys(configuration[section] ?? {})));
  let name = INPUT;
  for (let number = 2; taken.has(name); number += 1) name = `${INPUT}_${number}`;
  return name;
}

async function outputsOf({ artifacts }: EngineContext, runId: string, name: string): Promise<RunInput> {
  const prefix = `${JOB_LAYOUT.outputs}/`;
  const files: FrozenFile[] = [];
  for (const { path } of await artifacts.runFiles.list(runId, prefix)) {
    files.push({ path: path.slice(prefix.length), ...(await artifacts.runFiles.keepAsBlob(runId, path)) });
  }
  return {
    name,
    section: "dataReferences",
    mode: "mount",
    root: await storeTree(artifacts, files, READ_ONLY),
    file: null,
    files: files.length,
    bytes: files.reduce((sum, { size }) => sum + size, 0),
    variable: null,
    pathOnCompute: null,
    dataset: null,
    datastore: null,
    path: `${runId}/${JOB_LAYOUT.outputs}`,
  };
}
