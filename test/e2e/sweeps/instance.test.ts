// Sweeps on a compute instance, which is stopped and started meanwhile, and on managed clusters of the server's own.
import type { NewCompute } from "@switchyard/protocol";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { LiveServer } from "../../support/liveServer.ts";
import { getSweep, inWorkspace } from "../../support/sweeps.ts";
import { until } from "../../support/wait.ts";
import { BANDIT, type Elsewhere, expectCancels, expectGoesOn, expectWholeSweep, MEDIAN, submitElsewhere } from "./elsewhere.ts";

vi.setConfig({ testTimeout: 800_000, hookTimeout: 300_000 });
const server = new LiveServer();
const named = { params: { ...inWorkspace, name: "instance" } };
beforeAll(async () => {
  await server.start();
  const settings = { vmSize: "STANDARD_D2_V2" };
  await server.client.createTarget({ params: inWorkspace, body: { type: "computeinstance", name: "instance", settings } as NewCompute });
  expect(await server.client.waitForTarget({ ...named, timeoutSeconds: 200 })).toMatchObject({ provisioningState: "Succeeded" });
});
afterAll(() => server.close());

const on = (policy: Elsewhere["policy"]): Elsewhere => ({ server, target: "instance", policy, places: 2 });

it("a bandit ends hopeless trials there, and an ended one goes on from what it left", async () => {
  const where = on(BANDIT);
  const runId = await submitElsewhere(where);
  await expectWholeSweep(where, runId);
  await expectGoesOn(where, runId);
});

it("stopped, it takes no trial until it is started again, and those that ran begin anew", async () => {
  const policy = { ...MEDIAN, delay_evaluation: 5 };
  const where = { ...on(policy), configuration: { arguments: ["--waits", "1"] } };
  const runId = await submitElsewhere(where);
  await until(200, "the first hopeless trial has logged all that it says before it waits", async () => {
    return (await getSweep(server.client, runId)).trials[1]?.intervals === 3;
  });
  await server.client.stopTarget(named);
  await until(150, "its trials wait for it, and the sweep says so", async () => {
    const { hints } = await server.client.whyRun({ params: { ...inWorkspace, runId } });
    return hints.some((hint) => /^Trials? ([\d, ]+, )?1(, [\d, ]+)?: .*"instance" is stopped\. Start it/.test(hint));
  });
  await server.kill();
  await server.start();
  await server.client.startTarget(named);
  await expectWholeSweep(where, runId);
  const { attempts } = await server.client.getRun({ params: { ...inWorkspace, runId: `${runId}_1` } });
  expect(attempts).toMatchObject([{ because: "preempted" }, { number: 2 }]);
});

it("is canceled", () => expectCancels(on(BANDIT)));
