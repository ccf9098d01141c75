// Nodes of managed clusters that go while they are in use, on a whole server.
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ComputeNode } from "@switchyard/protocol";
import { describe, expect, it } from "vitest";
import {
  create,
  ended,
  getRun,
  go,
  keeperOf,
  logOf,
  nodes,
  running,
  server,
  signals,
  submit,
  untilGo,
  useClusterServer,
  WS,
} from "./support/clusters.ts";
import { eventually } from "./support/eventually.ts";

useClusterServer();

const RESUMES = [
  'if [ -n "$SWITCHYARD_RESUME_FROM" ]; then echo "resumed at $(cat checkpoints/step)"; exit 0; fi',
  "trap 'echo 7 > checkpoints/step; exit 0' TERM",
].join("\n");

describe("a node that goes", () => {
  it("preempted: its run saves what it has, and goes on on another node", async () => {
    await create({ vmPriority: "lowpriority", maxNodes: 1 });
    const runId = await submit(`${RESUMES}\necho 1 > checkpoints/step\necho started; ${untilGo("never")}`);
    await eventually(async () => (await logOf(runId)) === "started\n");
    const [taken] = await nodes();
    const shown = await server.get<ComputeNode[]>("POST", `${WS}/computes/cluster/simulate-preemption`, {});
    expect(shown.map(({ nodeId }) => nodeId)).toContain(taken?.nodeId);
    const run = await ended(runId);
    expect(run).toMatchObject({ status: "Completed", attempts: [{ because: "preempted" }, { number: 2, exitCode: 0, because: null }] });
    expect(await logOf(runId)).toBe("resumed at 7\n");
    expect((await nodes()).find(({ nodeId }) => nodeId === taken?.nodeId)).toMatchObject({ nodeState: "preempted", runId: null });
  });

  it("lost: its run goes on on another one, which is made in its place at once", async () => {
    await create({ maxNodes: 2 });
    const other = await submit(untilGo("other"));
    const again = join(signals, "again");
    const runId = await submit(`[ ! -e '${again}' ] || exit 0\n: > '${again}'\necho started; ${untilGo("never")}`);
    await running(other);
    await eventually(async () => (await logOf(runId)) === "started\n");
    const node = (await nodes()).find((each) => each.runId === runId) as ComputeNode;
    process.kill(keeperOf(node.nodeId), "SIGKILL");
    const run = await ended(runId);
    expect(run).toMatchObject({ status: "Completed", attempts: [{ because: "node_lost" }, { number: 2, exitCode: 0 }] });
    expect((await nodes()).map(({ nodeId }) => nodeId)).not.toContain(node.nodeId);
    expect(await getRun(other)).toMatchObject({ status: "Running", attempts: [{ number: 1 }] });
  });

  it("idle: is replaced when the cluster has to keep it", async () => {
    await create({ minNodes: 1, maxNodes: 1 });
    const [lost] = await eventually(async () => {
      const all = await nodes();
      return all[0]?.nodeState === "idle" && all;
    });
    process.kill(keeperOf(lost?.nodeId as string), "SIGKILL");
    await eventually(async () => {
      const all = await nodes();
      return all.length === 1 && all[0]?.nodeId !== lost?.nodeId && all[0]?.nodeState === "idle";
    });
  });

  it("cannot be preempted when there is none, or no such one", async () => {
    await create();
    const path = `${WS}/computes/cluster/simulate-preemption`;
    expect(await server.problem("POST", path, {})).toMatchObject({ code: "conflict" });
    expect(await server.problem("POST", path, { nodeId: "node-9" })).toMatchObject({ code: "not_found" });
  });

  it("of several, lost: its run goes on on three nodes, and that one alone is replaced", async () => {
    await create({ maxNodes: 3, idleSecondsBeforeScaledown: 60 });
    const again = join(signals, "again");
    const started = [0, 1, 2].map((rank) => join(signals, `started-${rank}`));
    const text = `[ ! -e '${again}' ] || exit 0\n: >'${signals}'/started-$SWITCHYARD_RANK\n${untilGo("never")}`;
    const gang = await submit(text, { nodeCount: 3 });
    await eventually(async () => started.every((file) => existsSync(file)));
    const before = (await nodes()).map(({ nodeId }) => nodeId);
    go("again");
    process.kill(keeperOf(before[1] as string), "SIGKILL");
    expect(await ended(gang)).toMatchObject({ status: "Completed", attempts: [{ because: "node_lost" }, { exitCode: 0 }] });
    const after = (await nodes()).map(({ nodeId }) => nodeId);
    expect(after.filter((id) => before.includes(id))).toHaveLength(2);
    expect(after).toHaveLength(3);
  });
});
