// Sweeps over HTTP: a folder with a script, a submission, waiting for the end.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JsonObject, Sweep } from "@switchyard/protocol";
import type { SwitchyardClient } from "@switchyard/sdk";
import { scanFolder, uploadSnapshot } from "@switchyard/sdk/node";
import { until } from "./wait.ts";

export const inWorkspace = { workspace: "default" };

/** Sends a folder with one script; answers the snapshot's id. */
export async function sendScript(client: SwitchyardClient, name: string, text: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-sweep-"));
  try {
    writeFileSync(join(folder, name), text);
    return (await uploadSnapshot(client, "default", await scanFolder(folder))).snapshotId;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What is submitted, and how; a script `train.py` on this machine unless said otherwise. */
export interface SweepAsk {
  readonly script?: string;
  readonly snapshotId: string;
  readonly sweep: JsonObject;
  readonly arguments?: readonly string[];
  readonly target?: string;
  readonly environment?: JsonObject;
  readonly runId?: string;
  readonly generates?: boolean;
  readonly rules?: "v1" | "own";
  /** more of the run configuration */
  readonly configuration?: JsonObject;
}

const PYTHON = { python: { userManagedDependencies: true, interpreterPath: "python3" } };

export function submitSweep(client: SwitchyardClient, ask: SweepAsk): Promise<Sweep> {
  const { script = "train.py", snapshotId, sweep, target = "local", environment = PYTHON, runId, generates, rules } = ask;
  return client.submitSweep({
    params: inWorkspace,
    body: {
      experimentName: "sweeps",
      snapshotId,
      runConfiguration: {
        script,
        arguments: [...(ask.arguments ?? [])],
        target,
        environment,
        ...ask.configuration,
      },
      sweep,
      ...(runId === undefined ? {} : { runId }),
      ...(generates === undefined ? {} : { generates }),
      ...(rules === undefined ? {} : { rules }),
    },
    ...(runId === undefined ? {} : { idempotencyKey: runId }),
  });
}

export const getSweep = (client: SwitchyardClient, runId: string): Promise<Sweep> =>
  client.getSweep({ params: { ...inWorkspace, runId }, query: {} });

/** The sweep once it is over. */
export async function endedSweep(client: () => SwitchyardClient, runId: string, seconds = 200): Promise<Sweep> {
  return await until(seconds, `the sweep ${runId} is over`, async () => {
    const sweep = await getSweep(client(), runId).catch(() => null);
    return sweep !== null && sweep.endTimeUtc !== null && sweep;
  });
}

/** A space of one parameter that is drawn from an interval. */
export const uniform = (name: string, min: number, max: number) => ({ name, expression: "uniform", values: [min, max] });

/** The least a sweep says. */
export const sweepOf = (space: readonly JsonObject[], more: JsonObject = {}): JsonObject => ({
  sampling: { type: "random", seed: 7, parameter_space: space },
  primary_metric_name: "score",
  primary_metric_goal: "maximize",
  max_total_runs: 4,
  max_concurrent_runs: 2,
  ...more,
});
