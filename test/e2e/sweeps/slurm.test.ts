// Sweeps on a real Slurm, here and behind a log-in node: its jobs are ended early, put back in line, and span nodes.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LoginNode, SlurmLab } from "@switchyard/compute/testing";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { LiveServer } from "../../support/liveServer.ts";
import { endedSweep, getSweep, inWorkspace } from "../../support/sweeps.ts";
import { until } from "../../support/wait.ts";
import { BANDIT, type Elsewhere, expectCancels, expectGoesOn, expectWholeSweep, MEDIAN, submitElsewhere, whenBegun } from "./elsewhere.ts";

vi.setConfig({ testTimeout: 800_000, hookTimeout: 400_000 });
const MOST_NODES = 2;
let slurm: SlurmLab;
let login: LoginNode;
let server: LiveServer;
beforeAll(async () => {
  slurm = await SlurmLab.start();
  login = await LoginNode.start(slurm);
  server = new LiveServer({ variables: slurm.env });
  await server.start();
  await create("hpc", {});
  const { address, port } = login.machines.host;
  const siteRoot = join(slurm.root, "shared");
  mkdirSync(siteRoot);
  await create("far-hpc", { login: { address, sshPort: port, username: "root" }, siteRoot }, login.machines.auth("key"));
});
afterAll(async () => {
  await server?.close();
  await login?.close();
  await slurm?.close();
});

async function create(name: string, settings: object, auth?: ReturnType<LoginNode["machines"]["auth"]>): Promise<void> {
  const { client } = server;
  const secret = auth?.kind === "key" ? { login: { privateKey: auth.privateKey } } : {};
  const body = {
    type: "amlcompute",
    name,
    settings: { vmSize: "STANDARD_D2_V2", maxNodes: MOST_NODES, backend: "slurm", slurm: settings },
    secret,
  };
  await client.createTarget({ params: inWorkspace, body: body as never });
  expect(await client.waitForTarget({ params: { ...inWorkspace, name }, timeoutSeconds: 200 })).toMatchObject({
    provisioningState: "Succeeded",
  });
}

const on = (target: string, policy: Elsewhere["policy"], places: number): Elsewhere => ({ server, target, policy, places });
const whenNoJobIsLeft = () => until(150, "Slurm has no job left", async () => (await slurm.run("squeue", "--noheader")) === "");

it("a bandit ends hopeless jobs, and an ended trial goes on from what it left", async () => {
  const where = on("hpc", BANDIT, MOST_NODES);
  const runId = await submitElsewhere(where);
  await expectWholeSweep(where, runId);
  await whenNoJobIsLeft();
  await expectGoesOn(where, runId);
});

it("behind a log-in node: the server is killed, and its cable pulled", async () => {
  const gate = join(slurm.root, "gate");
  const where = { ...on("far-hpc", MEDIAN, MOST_NODES), configuration: { arguments: ["--gate", gate] } };
  const runId = await submitElsewhere(where);
  await whenBegun(where, runId, 2);
  const plugIn = await login.machines.host.cut();
  await server.kill();
  await server.start();
  writeFileSync(gate, "");
  await plugIn();
  await expectWholeSweep(where, runId);
  await whenNoJobIsLeft();
});

it("a job that Slurm puts back in line is the same trial once more, judged from its beginning", async () => {
  const policy = { ...BANDIT, delay_evaluation: 5 };
  const where = { ...on("hpc", policy, MOST_NODES), configuration: { arguments: ["--waits", "1"] } };
  const runId = await submitElsewhere(where, { max_total_runs: 2 });
  await until(200, "only the hopeless trial is left, and has logged", async () => {
    const [good, hopeless] = (await getSweep(server.client, runId)).trials;
    return good?.state === "finished" && hopeless?.intervals === 3;
  });
  // a job of which all is home may still be on its way out
  const id = await until(100, "Slurm runs one job only", async () => {
    const ids = (await slurm.run("squeue", "--noheader", "--states=RUNNING", "--format=%i")).split("\n");
    return ids.length === 1 && ids[0];
  });
  await slurm.run("scontrol", "requeue", id);
  const sweep = await endedSweep(() => server.client, runId);
  expect(sweep).toMatchObject({ status: "Completed", counts: { finished: 1, stopped: 1 }, best: { trial: 0 } });
  const { attempts } = await server.client.getRun({ params: { ...inWorkspace, runId: `${runId}_1` } });
  expect(attempts).toMatchObject([{ because: "requeued" }, { number: 2 }]);
  const { entries } = await server.client.readSweepJournal({ params: { ...inWorkspace, runId }, query: {} });
  const seen = entries.flatMap(({ entry }) => (entry.kind === "observed" && entry.trial === 1 ? [entry] : []));
  const valuesOf = (attempt: number) => seen.filter((each) => each.attempt === attempt).flatMap(({ values }) => values).length;
  expect([valuesOf(1), seen.some(({ resumes }) => resumes)]).toEqual([3, false]);
  expect(sweep.trials[1]!.decision).toMatchObject({ decision: "stop" });
  expect(sweep.trials[1]!.decision!.interval).toBeGreaterThanOrEqual(5);
  expect(sweep.trials[1]!.decision!.interval).toBeLessThanOrEqual(valuesOf(2));
  expect(await server.client.replaySweep({ params: { ...inWorkspace, runId } })).toMatchObject({ identical: true });
});

it("more places than the cluster's max_nodes: the rest stands in line", async () => {
  const where = on("hpc", MEDIAN, 4);
  const runId = await submitElsewhere(where);
  await expectWholeSweep({ ...where, places: MOST_NODES }, runId);
});

it("trials of two nodes each: what rank 0 logs counts, once", async () => {
  const where = { ...on("hpc", BANDIT, 1), configuration: { nodeCount: 2, communicator: "gloo" } };
  const runId = await submitElsewhere(where);
  const sweep = await expectWholeSweep(where, runId);
  expect(sweep.trials[0]).toMatchObject({ intervals: 3 });
});

it("is canceled", () => expectCancels(on("hpc", MEDIAN, MOST_NODES)));
