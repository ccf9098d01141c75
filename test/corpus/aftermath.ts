import type { SwitchyardClient } from "@switchyard/sdk";
import { until } from "../support/wait.ts";

const params = { workspace: "default" };

/** What became of a run that a file of the corpus submitted and did not wait for. */
export interface Aftermath {
  readonly runId: string;
  readonly status: string;
  /** the last value of each metric */
  readonly metrics: Readonly<Record<string, unknown>>;
  /** the end of its driver's log */
  readonly log: string;
}

/** Waits for the end of every run of the server, and tells what they left. */
export async function aftermathOf(client: SwitchyardClient, seconds: number): Promise<readonly Aftermath[]> {
  const { items } = await until(seconds, "all runs have ended", async () => {
    const page = await client.listRuns({ params, query: { limit: 100, includeChildren: true } });
    return page.items.every(({ endTimeUtc }) => endTimeUtc !== null) && page;
  });
  return await Promise.all(items.map(async ({ runId, status }) => ({ runId, status, ...(await leftBy(client, runId)) })));
}

async function leftBy(client: SwitchyardClient, runId: string): Promise<Pick<Aftermath, "metrics" | "log">> {
  const ofRun = { ...params, runId };
  const metrics = await client.listMetrics({ params: ofRun });
  const logs = (await client.getRun({ params: ofRun })).logFiles;
  const driver = Object.keys(logs).find((name) => /70_driver_log|80_driver_log/.test(name));
  const text = driver === undefined ? "" : await (await client.readRunFile({ params: { ...ofRun, path: driver } })).text();
  return { metrics: Object.fromEntries(metrics.map(({ name, last }) => [name, last])), log: text.slice(-4000) };
}

/** Why the runs are not what the row promises: all completed, with these metrics; null when they are. */
export function disappointment(runs: readonly Aftermath[], metrics: readonly string[]): string | null {
  if (runs.length === 0) return "it submitted no run";
  const other = runs.find(({ status }) => status !== "Completed");
  if (other !== undefined) return `run ${other.runId} is ${other.status}`;
  const missing = metrics.filter((name) => runs.every((run) => !(name in run.metrics)));
  return missing.length === 0 ? null : `no run logged ${missing.join(", ")}`;
}
