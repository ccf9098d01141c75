import type { SwitchyardClient } from "@switchyard/sdk";
import { scanFolder, uploadSnapshot } from "@switchyard/sdk/node";

/** Submits a script of a folder to the local target with the machine's own Python; answers the run's id. */
export async function submitScript(client: SwitchyardClient, folder: string, script: string, count?: number): Promise<string> {
  const [first] = await submitScripts(client, folder, script, count ?? 1);
  return first!;
}

/** The same snapshot, `count` times. */
export async function submitScripts(
  client: SwitchyardClient,
  folder: string,
  script: string,
  count: number,
  command?: readonly string[],
): Promise<string[]> {
  const { snapshotId } = await uploadSnapshot(client, "default", await scanFolder(folder));
  const runConfiguration = {
    ...(command ? { command } : { script }),
    environment: { python: { userManagedDependencies: true, interpreterPath: "python3" } },
  };
  const ids: string[] = [];
  for (let i = 0; i < count; i++) {
    const run = await client.submitRun({
      params: { workspace: "default" },
      body: { experimentName: "bench", snapshotId, runConfiguration },
    });
    ids.push(run.runId);
  }
  return ids;
}
