// Managed clusters on a server that is killed, on nodes that are taken away: every run completes, no node is left over, and
// none is given to two runs at once.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CLUSTER_FAIL_POINTS, type ComputeNode, type Run } from "@switchyard/protocol";
import { RemoteError } from "@switchyard/protocol/errors";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LiveServer } from "../support/liveServer.ts";
import { until } from "../support/wait.ts";
import { persistently, sendFolder } from "./script.ts";

vi.setConfig({ testTimeout: 400_000 });
const inWorkspace = { workspace: "default" };
const named = { workspace: "default", name: "cluster" };

let server: LiveServer;
let folder: string;
let places: string;
beforeEach(() => {
  server = new LiveServer({ variables: { SWITCHYARD_PREEMPTED_NODE_SECONDS: "1", SWITCHYARD_LEASE_SECONDS: "5" } });
  folder = mkdtempSync(join(tmpdir(), "switchyard-clusters-"));
  places = join(folder, "places");
  mkdirSync(places);
});
afterEach(async () => {
  await server.close();
  for (const pid of keepers()) killIfThere(pid); // what a failed test has left
  rmSync(folder, { recursive: true, force: true });
});

/** A run holds the place of every node that it has: a second one there would not get it, and fail. */
const HOLD = `place='PLACES'/$SWITCHYARD_NODE
mkdir "$place" || { echo "somebody else is on $SWITCHYARD_NODE"; exit 9; }
trap 'rmdir "$place"' EXIT
trap 'exit 143' TERM
`;
const script = (text: string) => HOLD.replace("PLACES", places) + text;

const keepers = (): number[] =>
  execFileSync("ps", ["-eo", "pid,args"], { encoding: "utf8" })
    .split("\n")
    .filter((line) => line.includes("keeper.sh") && line.includes(server.home))
    .map((line) => Number.parseInt(line, 10));
function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error; // it ended by itself
  }
}
const nodeFolders = () => {
  const all = join(server.home, "site/nodes");
  return existsSync(all) ? readdirSync(all).filter((name) => !name.startsWith(".")) : [];
};

const create = (settings: object) =>
  persistently("the cluster is created", async () => {
    const body = {
      type: "amlcompute",
      name: "cluster",
      settings: { vmSize: "STANDARD_D2_V2", idleSecondsBeforeScaledown: 1, ...settings },
    };
    await server.client.createTarget({ params: inWorkspace, body: body as never }).catch((error) => {
      if (!(error instanceof RemoteError && error.code === "already_exists")) throw error;
    });
    return true;
  });
async function submit(runId: string, snapshotId: string, nodeCount = 1): Promise<void> {
  const runConfiguration = {
    command: ["sh", "run.sh"],
    target: "cluster",
    nodeCount,
    environment: { python: { userManagedDependencies: true, interpreterPath: "python3" } },
  };
  const body = { experimentName: "survival", runId, snapshotId, runConfiguration };
  await persistently("the run is submitted", () => server.client.submitRun({ params: inWorkspace, idempotencyKey: runId, body }));
}
const send = (text: string) => {
  const source = join(folder, "code");
  mkdirSync(source, { recursive: true });
  writeFileSync(join(source, "run.sh"), script(text));
  return persistently("the folder is sent", () => sendFolder(server.client, source));
};
const getRun = (runId: string) => server.client.getRun({ params: { ...inWorkspace, runId } });
const logOf = async (runId: string) => {
  const file = await server.client.readRunFile({ params: { ...inWorkspace, runId, path: "azureml-logs/80_driver_log.txt" } });
  return await file.text();
};
const nodes = (): Promise<ComputeNode[]> => server.client.listTargetNodes({ params: named });

async function expectCompleted(ids: readonly string[]): Promise<Run[]> {
  const runs: Run[] = [];
  for (const id of ids) {
    const run = await until(200, `${id} has ended`, async () => {
      const found = await getRun(id).catch(() => null);
      return found !== null && found.endTimeUtc !== null && found;
    });
    expect({ id, status: run.status, error: run.error }).toEqual({ id, status: "Completed", error: null });
    runs.push(run);
  }
  return runs;
}

/** The cluster shrinks to nothing, and nothing of a node is left on the machine. */
async function expectNothingLeft(): Promise<void> {
  await until(120, "all nodes are gone", async () => (await nodes()).length === 0);
  expect(nodeFolders()).toEqual([]);
  await until(60, "all keepers are gone: a killed one goes a moment later", async () => keepers().length === 0);
  expect(readdirSync(places)).toEqual([]);
}

async function submitAll(): Promise<void> {
  await create({ maxNodes: 2 });
  const snapshotId = await send("sleep 0.2");
  await submit("one", snapshotId);
  await submit("two", snapshotId);
  await submit("gang", snapshotId, 2);
}

describe("a server killed", () => {
  it.each(CLUSTER_FAIL_POINTS)("at %s: its runs complete", async (failAt) => {
    await server.start({ failAt });
    const submitted = submitAll();
    await server.ended(60);
    await server.start();
    await submitted;
    for (const run of await expectCompleted(["one", "two", "gang"])) expect(run.attempts).toHaveLength(1);
    await expectNothingLeft();
  });

  it("again and again, while runs come and go: every run completes", async () => {
    await server.start();
    await create({ maxNodes: 3 });
    const over = join(folder, "over");
    const short = await send("sleep 0.3");
    // the last ones outlive the kills, so that there is always a run to wait for
    const long = await send(`n=0; until [ -e '${over}' ] || [ $n -ge 2400 ]; do sleep 0.05; n=$((n + 1)); done`);
    const ids = Array.from({ length: 12 }, (_, i) => `run-${i}`);
    for (const [i, id] of ids.entries()) await submit(id, i < 9 ? short : long, (i % 3) + 1);
    for (let kills = 0; kills < 3; kills += 1) {
      await until(60, "a run is running", async () => (await Promise.all(ids.map(getRun))).some(({ status }) => status === "Running"));
      await server.kill();
      await server.start();
    }
    writeFileSync(over, "");
    await expectCompleted(ids);
    await expectNothingLeft();
  });

  it("while a node is lost: the run goes on elsewhere", async () => {
    await server.start();
    await create({ maxNodes: 1 });
    const again = join(folder, "again");
    await submit(
      "run",
      await send(`[ ! -e '${again}' ] || exit 0\n: >'${again}'\nn=0; while [ $n -lt 1200 ]; do sleep 0.05; n=$((n + 1)); done`),
    );
    await until(60, "the script has started", async () => existsSync(again));
    const [nodeId] = nodeFolders();
    await server.kill();
    process.kill(Number(readFileSync(join(server.home, "site/nodes", nodeId as string, "keeper"), "utf8").split(" ")[0]), "SIGKILL");
    await server.start();
    const [run] = await expectCompleted(["run"]);
    expect(run?.attempts).toMatchObject([{ because: "node_lost", node: nodeId }, { exitCode: 0 }]);
    // the killed job could not give its place back
    rmSync(join(places, nodeId as string), { recursive: true, force: true });
    await expectNothingLeft();
  });
});

describe("a server that stays away", () => {
  it("leaves no node: an idle one ends by itself, and a run is not hindered by that", async () => {
    await server.close();
    server = new LiveServer({ variables: { SWITCHYARD_NODE_EXPIRY_SECONDS: "10" } });
    await server.start();
    await create({ maxNodes: 2, minNodes: 2 });
    const go = join(folder, "go");
    await submit(
      "run",
      await send(`echo on >'${folder}/on'; n=0; while [ ! -e '${go}' ] && [ $n -lt 1200 ]; do sleep 0.05; n=$((n + 1)); done`),
    );
    await until(60, "the script runs beside an idle node", async () => existsSync(join(folder, "on")) && keepers().length === 2);
    await server.kill();
    await until(60, "the idle node has ended", async () => keepers().length === 1);
    writeFileSync(go, "");
    await server.start();
    for (const run of await expectCompleted(["run"])) expect(run.attempts).toHaveLength(1);
    await until(
      60,
      "the cluster has its fewest nodes again",
      async () => (await nodes()).filter((each) => each.nodeState === "idle").length === 2,
    );
    await server.client.updateTarget({ params: named, body: { minNodes: 0 } });
    await expectNothingLeft();
  });
});

describe("ten runs on a cluster of four low-priority nodes", () => {
  it("all complete although they are preempted twenty times", async () => {
    await server.start();
    await create({ maxNodes: 4, vmPriority: "lowpriority" });
    const snapshotId = await send(`last=nothing
[ -z "\${SWITCHYARD_RESUME_FROM-}" ] || last=$(cat "$SWITCHYARD_RESUME_FROM/last")
echo "$SWITCHYARD_ATTEMPT" >checkpoints/last
echo "attempt $SWITCHYARD_ATTEMPT after $last"
[ "$SWITCHYARD_ATTEMPT" = 3 ] || { n=0; while [ $n -lt 6000 ]; do sleep 0.05; n=$((n + 1)); done; }
`);
    const ids = Array.from({ length: 10 }, (_, i) => `run-${i}`);
    for (const id of ids) await submit(id, snapshotId);
    const taken = new Set<string>();
    await until(300, "20 nodes were preempted", async () => {
      for (const { nodeId, nodeState, runId } of await nodes()) {
        if (nodeState !== "running" || runId === null || taken.has(nodeId)) continue;
        const attempt = (await getRun(runId)).attempts.at(-1);
        if (attempt?.node !== nodeId || attempt.number === 3) continue;
        if (!(await logOf(runId).catch(() => "")).startsWith(`attempt ${attempt.number} `)) continue;
        await server.client.simulatePreemption({ params: named, body: { nodeId } });
        taken.add(nodeId);
      }
      return taken.size === 20;
    });
    for (const run of await expectCompleted(ids)) {
      expect(run.attempts.map(({ because }) => because)).toEqual(["preempted", "preempted", null]);
      expect(await logOf(run.runId)).toBe("attempt 3 after 2\n");
    }
    await expectNothingLeft();
  });
});
