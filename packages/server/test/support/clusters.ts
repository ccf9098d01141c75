// A whole server with managed clusters on real nodes, and what its tests ask it.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ClusterStatus, ComputeNode, ComputeTarget, Run, Why } from "@switchyard/protocol";
import { afterEach, beforeEach } from "vitest";
import { eventually } from "./eventually.ts";
import { TemporaryServer } from "./temporaryServer.ts";

export const WS = "/workspaces/default";
/** The server of the test under way. */
export let server: TemporaryServer;
/** A folder where scripts and tests leave files for each other. */
export let signals: string;

/** Every test of the file has a server of its own, and leaves no node behind. */
export function useClusterServer(): void {
  beforeEach(async () => {
    server = await TemporaryServer.start();
    signals = mkdtempSync(join(tmpdir(), "switchyard-signals-"));
  });
  afterEach(async () => {
    go("all");
    for (const { name, type } of await server.get<ComputeTarget[]>("GET", `${WS}/computes`)) {
      if (type === "local") continue;
      for (const run of await openRuns()) await server.ask("POST", `${WS}/runs/${run}/cancel`, { graceSeconds: 0 });
      await eventually(async () => (await server.ask("DELETE", `${WS}/computes/${name}`)).ok);
      await eventually(async () => (await server.ask("GET", `${WS}/computes/${name}`)).status === 404);
    }
    await noKeeperIsLeft();
    await server.close();
    rmSync(signals, { recursive: true, force: true });
  });
}

/** A new server with these settings takes the place of the test's. */
export async function serverWith(settings: Parameters<typeof TemporaryServer.start>[0]): Promise<void> {
  await server.close();
  server = await TemporaryServer.start(settings);
}

const openRuns = async () =>
  (await server.get<{ items: Run[] }>("GET", `${WS}/runs?limit=500`)).items.flatMap(({ runId, endTimeUtc }) => (endTimeUtc ? [] : [runId]));
export const go = (name: string) => writeFileSync(join(signals, name), "");
/** Waits for `go(name)` or the end of the test, at most two minutes. */
export const untilGo = (name: string) =>
  `n=0; while [ ! -e '${signals}/${name}' ] && [ ! -e '${signals}/all' ] && [ $n -lt 2400 ]; do sleep 0.05; n=$((n + 1)); done`;

export const create = async (settings: object = {}, name = "cluster", type = "amlcompute") => {
  const body = { type, name, settings: { vmSize: "STANDARD_D2_V2", maxNodes: 2, idleSecondsBeforeScaledown: 1, ...settings } };
  await server.get("POST", `${WS}/computes`, body);
  return await eventually(async () => {
    const target = await cluster(name);
    return target.provisioningState === "Succeeded" && target;
  });
};
export const cluster = (name = "cluster") => server.get<ComputeTarget>("GET", `${WS}/computes/${name}`);
export const statusOf = async (name?: string) => (await cluster(name)).status as unknown as ClusterStatus;
export const nodes = (name = "cluster") => server.get<ComputeNode[]>("GET", `${WS}/computes/${name}/nodes`);
export const submission = async (script: string, more: object = {}) => ({
  experimentName: "clusters",
  snapshotId: await server.snapshotOf({ "run.sh": script }),
  runConfiguration: {
    command: ["sh", "run.sh"],
    target: "cluster",
    environment: { python: { userManagedDependencies: true, interpreterPath: "python3" } },
    ...more,
  },
});
export const submit = async (script: string, more: object = {}) =>
  (await server.get<Run>("POST", `${WS}/runs`, await submission(script, more))).runId;
export const getRun = (runId: string) => server.get<Run>("GET", `${WS}/runs/${runId}`);
export const ended = (runId: string) =>
  eventually(async () => {
    const run = await getRun(runId);
    return run.endTimeUtc !== null && run;
  });
export const running = (runId: string) => eventually(async () => (await getRun(runId)).status === "Running");
export const whyOf = async (runId: string) => (await server.get<Why>("GET", `${WS}/runs/${runId}/why`)).summary;
export const logOf = async (runId: string) =>
  await (await server.ask("GET", `${WS}/runs/${runId}/files/azureml-logs/80_driver_log.txt`)).text();
export const nodeFolders = (home = server.home) => {
  const folder = join(home, "site/nodes");
  return existsSync(folder) ? readdirSync(folder).filter((name) => !name.startsWith(".")) : [];
};
/** Process numbers of the keepers of this server's home: each leads a session, unlike what it has just forked. */
export const keepers = (home = server.home): number[] =>
  execFileSync("ps", ["-eo", "pid,sid,args"], { encoding: "utf8" })
    .split("\n")
    .filter((line) => /^ *(\d+) +\1 /.test(line) && line.includes("keeper.sh") && line.includes(home))
    .map((line) => Number.parseInt(line, 10));
/** What was killed may take a moment to be gone. */
export const noKeeperIsLeft = () => eventually(async () => keepers().length === 0);
export const keeperOf = (nodeId: string) => Number(readFileSync(join(server.home, "site/nodes", nodeId, "keeper"), "utf8").split(" ")[0]);
