// Sweeps on machines behind SSH, with a real sshd: the cable is pulled and the server killed meanwhile.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type SshHost, SshLab } from "@switchyard/compute/testing";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { LiveServer } from "../../support/liveServer.ts";
import { attachHost } from "../../support/sshTargets.ts";
import { endedSweep, getSweep, inWorkspace } from "../../support/sweeps.ts";
import { until } from "../../support/wait.ts";
import { expectToldAbove } from "./above.ts";
import {
  BANDIT,
  type Elsewhere,
  expectCancels,
  expectGoesOn,
  expectWholeSweep,
  MEDIAN,
  submitElsewhere,
  whenBegun,
  whenGone,
} from "./elsewhere.ts";

vi.setConfig({ testTimeout: 800_000, hookTimeout: 400_000 });
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
  const where = { ...on(host, MEDIAN), configuration: { arguments: ["--gate", "/home/trainer/gate"] } };
  const runId = await submitElsewhere(where);
  await whenBegun(where, runId, 2);
  const plugIn = await host.cut();
  await server.kill();
  await server.start();
  await until(200, "the server has noticed that the machine does not answer", async () => {
    const { summary, hints } = await server.client.whyRun({ params: { ...inWorkspace, runId } });
    expect(summary).toMatch(/^The sweep is running/);
    return hints.some((hint) => new RegExp(`^Trials? [\\d, ]+: The compute "${host.name}" has not answered since`).test(hint));
  });
  writeFileSync(join(host.home, "gate"), ""); // seen there at once: only the way there is cut
  await plugIn();
  await expectWholeSweep(where, runId);
});

it("a machine that is switched off: what ran there is tried again when it is back", async () => {
  const host = lab.hosts[1]!;
  const where = on(host, { type: "NoTerminationPolicy" });
  const runId = await submitElsewhere(where, { max_total_runs: 2, max_trial_retries: 1 });
  await until(200, "only the hopeless trial is left", async () => {
    const [good, hopeless] = (await getSweep(server.client, runId)).trials;
    return good?.state === "finished" && hopeless!.intervals > 0;
  });
  await host.powerOff();
  await host.startServer();
  const again = await whenBegun(where, runId, 3);
  expect(again.trials).toMatchObject([{ state: "finished" }, { state: "failed", error: { code: "OutcomeUnknown" } }, { retryOf: 1 }]);
  await server.client.cancelRun({ params: { ...inWorkspace, runId }, body: {} });
  expect(await endedSweep(() => server.client, runId)).toMatchObject({ status: "Canceled", best: { trial: 0 } });
  await whenGone(runId);
});

it("trials tell their sweep, over the way home", () => expectToldAbove({ server, target: lab.host.name }));

it("is canceled", () => expectCancels(on(lab.host, BANDIT)));

it("a machine with two places has no more trials at once than that, however many the sweep may have", async () => {
  const target = lab.host.name;
  await server.client.updateTarget({ params: { ...inWorkspace, name: target }, body: { maxConcurrentRuns: 2 } });
  const where = { ...on(lab.host, MEDIAN), places: 4 };
  const runId = await submitElsewhere(where);
  await expectWholeSweep({ ...where, places: 2 }, runId);
  expect((await server.client.getTarget({ params: { ...inWorkspace, name: target } })).settings).toMatchObject({ maxConcurrentRuns: 2 });
});
