// A script that some Python with its packages runs on the local target, and what is known of it when it is over.
import type { RunDetails } from "@switchyard/protocol";
import { scanFolder, uploadSnapshot } from "@switchyard/sdk/node";
import { expect } from "vitest";
import type { Desk } from "./desk.ts";
import type { LiveServer } from "./liveServer.ts";
import { until } from "./wait.ts";

const LOG = "azureml-logs/80_driver_log.txt";

export interface FinishedScript {
  readonly run: RunDetails;
  readonly log: string;
  readonly files: readonly string[];
}

export interface Surroundings {
  /** path of the interpreter */
  readonly python: string;
  readonly variables?: Readonly<Record<string, string>>;
  /** the file of the script; default: train.py */
  readonly file?: string;
  readonly arguments?: readonly string[];
  /** how the run has to end; default: Completed */
  readonly ends?: "Completed" | "Failed";
}

/** Submits a script and waits for its end, which has to be the one that is expected. */
export async function runTrackedScript(
  server: LiveServer,
  desk: Desk,
  script: string,
  { python, variables = {}, file = "train.py", arguments: words = [], ends = "Completed" }: Surroundings,
): Promise<FinishedScript> {
  desk.write(file, script);
  const { snapshotId } = await uploadSnapshot(server.client, "default", await scanFolder(desk.project, { home: null }));
  const environment = { python: { userManagedDependencies: true, interpreterPath: python }, environmentVariables: variables };
  const body = { experimentName: "tracked", snapshotId, runConfiguration: { script: file, arguments: [...words], environment } };
  const { runId } = await server.client.submitRun({ params: { workspace: "default" }, body });
  const params = { workspace: "default", runId };
  await until(300, "the run has ended", async () => (await server.client.getRun({ params })).endTimeUtc);
  const run = await server.client.getRun({ params });
  const files = (await server.client.listRunFiles({ params, query: {} })).map(({ path }) => path);
  const log = files.includes(LOG) ? await textOfRunFile(server, runId, LOG) : "";
  expect(run.status, log).toBe(ends);
  return { run, log, files };
}

/** What a file of a run holds, as text. */
export async function textOfRunFile(server: LiveServer, runId: string, path: string): Promise<string> {
  const { body } = await server.client.readRunFile({ params: { workspace: "default", runId, path } });
  let text = "";
  for await (const chunk of body!) text += Buffer.from(chunk).toString();
  return text;
}
