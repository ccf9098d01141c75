// Sweeps on machines behind SSH, with a real sshd: the cable is pulled and the server killed meanwhile.
import { type SshHost, SshLab } from "@switchyard/compute/testing";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { LiveServer } from "../../support/liveServer.ts";
import { attachHost } from "../../support/sshTargets.ts";
import { getSweep, inWorkspace } from "../../support/sweeps.ts";
import { until } from "../../support/wait.ts";
import { BANDIT, type Elsewhere, expectGoesOn, expectWholeSweep, MEDIAN, submitElsewhere, whenBegun } from "./elsewhere.ts";

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });
const server = new LiveServer();
let lab: SshLab;
beforeAll(async () => {
  lab = await SshLab.start(2);
  await server.start();
  for (const host of lab.hosts) await attachHost(server.client, lab, host, lab.auth(host === lab.host ? "password" : "key"));
});
afterAll(async () => {
  await server.close();
  await lab?.close();
});

const on = ({ name }: SshHost, policy: Elsewhere["policy"], places = 2): Elsewhere => ({ server, target: name, policy, places });

it("a bandit ends hopeless trials there, and an ended one goes on from what it left", async () => {
  const where = on(lab.host, BANDIT);
  const runId = await submitElsewhere(where);
  await expectWholeSweep(where, runId);
  await expectGoesOn(where, runId);
});

it("a cut connection and a killed server cost nothing", async () => {
  const host = lab.hosts[1]!;
  const where = on(host, MEDIAN);
  const runId = await submitElsewhere(where);
  await whenBegun(where, runId, 1);
  const plugIn = await host.cut();
  await server.kill();
  await server.start();
  await until(60, "the server has noticed that the machine does not answer", async () => {
    const { trials } = await getSweep(server.client, runId);
    const open = trials.filter(({ state }) => state === "pending").map((trial) => trial.runId);
    const told = await Promise.all(open.map((id) => server.client.whyRun({ params: { ...inWorkspace, runId: id } })));
    return told.some(({ summary }) => /has not answered since/.test(summary));
  });
  await plugIn();
  await expectWholeSweep(where, runId);
});

it("a machine with two places has no more trials at once than that, however many the sweep may have", async () => {
  const target = lab.host.name;
  await server.client.updateTarget({ params: { ...inWorkspace, name: target }, body: { maxConcurrentRuns: 2 } });
  const where = { ...on(lab.host, MEDIAN), places: 4 };
  const runId = await submitElsewhere(where);
  await expectWholeSweep({ ...where, places: 2 }, runId);
  expect((await server.client.getTarget({ params: { ...inWorkspace, name: target } })).settings).toMatchObject({ maxConcurrentRuns: 2 });
});
