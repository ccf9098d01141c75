// Sweeps whose trials run in containers: on this machine, and on a cluster that keeps runs apart.

import { baseImage, type DockerLab, startDocker } from "@switchyard/compute/testing/docker";
import type { NewCompute } from "@switchyard/protocol";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { LiveServer } from "../../support/liveServer.ts";
import { inWorkspace } from "../../support/sweeps.ts";
import { BANDIT, type Elsewhere, expectCancels, expectGoesOn, expectWholeSweep, MEDIAN, submitElsewhere, whenBegun } from "./elsewhere.ts";

vi.setConfig({ testTimeout: 800_000, hookTimeout: 600_000 });
let docker: DockerLab;
let image: string;
let server: LiveServer;
beforeAll(async () => {
  docker = await startDocker();
  image = await baseImage(docker, ["python3", "python3-venv"]);
  server = new LiveServer({ variables: { ...docker.env, SWITCHYARD_IMAGES: `cpu=${image}` } });
  await server.start();
  const settings = { vmSize: "STANDARD_D2_V2", maxNodes: 2, isolation: "containers" };
  await server.client.createTarget({ params: inWorkspace, body: { type: "amlcompute", name: "team", settings } as NewCompute });
  const team = await server.client.waitForTarget({ params: { ...inWorkspace, name: "team" }, timeoutSeconds: 200 });
  expect(team).toMatchObject({ provisioningState: "Succeeded", provisioningErrors: [] });
});
afterAll(() => server?.close());

const on = (target: string, policy: Elsewhere["policy"]): Elsewhere => ({
  server,
  target,
  policy,
  places: 2,
  configuration: {
    environment: {
      python: { userManagedDependencies: true, interpreterPath: "python3" },
      docker: { enabled: true, baseImage: image },
    },
  },
});
/** Other tests have containers on the same engine. */
const containersOf = (runId: string) => docker.run("ps", "--all", "--quiet", "--filter", `name=switchyard-${runId}`);

it("a bandit ends hopeless containers, and an ended trial goes on from what it left", async () => {
  const where = on("local", BANDIT);
  const runId = await submitElsewhere(where);
  await expectWholeSweep(where, runId);
  expect(await containersOf(runId)).toBe("");
  await expectGoesOn(where, runId);
});

it("on a cluster that keeps runs apart, with the server killed meanwhile", async () => {
  const where = on("team", MEDIAN);
  const runId = await submitElsewhere(where);
  await whenBegun(where, runId, 1);
  await server.kill();
  await server.start();
  await expectWholeSweep(where, runId);
  expect(await containersOf(runId)).toBe("");
  await expectGoesOn(where, runId);
});

it("is canceled", () => expectCancels(on("local", BANDIT)));
