// Compute targets over HTTP, on a whole server.
import type { ComputeTarget, Run, Why } from "@switchyard/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually } from "./support/eventually.ts";
import { TemporaryServer } from "./support/temporaryServer.ts";

const WS = "/workspaces/default";
let server: TemporaryServer;
beforeEach(async () => {
  server = await TemporaryServer.start();
});
afterEach(() => server.close());

const instance = (name = "my-instance", more: object = {}) => ({
  type: "computeinstance",
  name,
  settings: { vmSize: "STANDARD_D2_V2" },
  ...more,
});
const ready = (name: string) =>
  eventually(async () => {
    const target = await server.get<ComputeTarget>("GET", `${WS}/computes/${name}`);
    return target.provisioningState === "Succeeded" && target;
  });
const create = async (name?: string) => {
  const made = await server.get<ComputeTarget>("POST", `${WS}/computes`, instance(name));
  return await ready(made.name);
};
const submit = async (target: string, script: string) => {
  const snapshotId = await server.snapshotOf({ "run.sh": script });
  const runConfiguration = {
    command: ["sh", "run.sh"],
    target,
    environment: { python: { userManagedDependencies: true, interpreterPath: "python3" } },
  };
  return await server.get<Run>("POST", `${WS}/runs`, { experimentName: "computes", snapshotId, runConfiguration });
};
const ended = (runId: string) =>
  eventually(async () => {
    const run = await server.get<Run>("GET", `${WS}/runs/${runId}`);
    return run.endTimeUtc !== null && run;
  });

describe("compute targets", () => {
  it("are made in the background, listed with their capabilities, and take runs", async () => {
    const target = await create();
    expect(target).toMatchObject({
      type: "computeinstance",
      computeType: "ComputeInstance",
      attached: false,
      healthy: true,
      status: { state: "Running" },
    });
    const listed = await server.get<ComputeTarget[]>("GET", `${WS}/computes`);
    expect(listed.map(({ name, type }) => [name, type])).toEqual([["local", "local"], ["my-instance", "computeinstance"]]); // biome-ignore format: short
    const run = await ended((await submit("MY-instance", "echo $PWD; echo done")).runId);
    expect(run).toMatchObject({ status: "Completed", target: "my-instance" });
    const log = await (await server.ask("GET", `${WS}/runs/${run.runId}/files/azureml-logs/80_driver_log.txt`)).text();
    expect(log).toContain(`/instances/${target.id}/jobs/`);
  });

  it("publish the capability matrix", async () => {
    const kinds = await server.get<{ type: string; capabilities: Record<string, unknown>; available: boolean }[]>("GET", "/compute-kinds");
    const of = (type: string) => kinds.find((kind) => kind.type === type);
    expect(of("local")?.capabilities).toMatchObject({ pipelines: false, automatedMl: true, designer: false, multiNode: false });
    expect(of("amlcompute")?.capabilities).toMatchObject({ pipelines: true, designer: true, multiNode: true, gpu: true });
    expect(of("databricks")).toMatchObject({ available: false, capabilities: { submit: false, pipelines: true } });
  });

  it("stop and start: a stopped one holds its runs back and says so", async () => {
    await create();
    expect(await server.get("POST", `${WS}/computes/my-instance/stop`)).toMatchObject({ status: { state: "Stopped" } });
    const { runId } = await submit("my-instance", "exit 0");
    const why = await eventually(async () => {
      const told = await server.get<Why>("GET", `${WS}/runs/${runId}/why`);
      return /is stopped/.test(told.summary) && told;
    });
    expect(why.summary).toContain("switchyard computetarget start -n my-instance");
    await server.get("POST", `${WS}/computes/my-instance/start`);
    expect((await ended(runId)).status).toBe("Completed");
  });

  it("stop what runs there, which goes on from its checkpoint when they are started again", async () => {
    await create();
    const script = [
      'if [ -n "$SWITCHYARD_RESUME_FROM" ]; then echo "resumed at $(cat checkpoints/step)"; exit 0; fi',
      "trap 'echo 7 > checkpoints/step; exit 0' TERM",
      "echo started; while :; do sleep 0.05; done",
    ].join("\n");
    const { runId } = await submit("my-instance", script);
    const logOf = async (attempt: number) =>
      await (await server.ask("GET", `${WS}/runs/${runId}/files/attempts/${attempt}/azureml-logs/80_driver_log.txt`)).text();
    await eventually(
      async () => (await (await server.ask("GET", `${WS}/runs/${runId}/files/azureml-logs/80_driver_log.txt`)).text()) === "started\n",
    );
    await server.get("POST", `${WS}/computes/my-instance/stop`);
    const waiting = await eventually(async () => {
      const run = await server.get<Run>("GET", `${WS}/runs/${runId}`);
      return run.status === "Queued" && run;
    });
    expect(waiting.attempts).toMatchObject([{ because: "preempted" }]);
    await server.get("POST", `${WS}/computes/my-instance/start`);
    const run = await ended(runId);
    expect(run).toMatchObject({ status: "Completed", attempts: [{ number: 1 }, { number: 2, exitCode: 0 }] });
    expect(await (await server.ask("GET", `${WS}/runs/${runId}/files/azureml-logs/80_driver_log.txt`)).text()).toBe("resumed at 7\n");
    expect(await logOf(1)).toMatch(/^started\n/);
  });

  it("serve their owner alone when they are somebody's instance", async () => {
    await server.get("POST", `${WS}/computes`, instance("hers", { settings: { assignedUser: "ada" } }));
    await ready("hers");
    const snapshotId = await server.snapshotOf({ "run.sh": "exit 0" });
    const runConfiguration = { command: ["sh", "run.sh"], target: "hers", environment: { python: { userManagedDependencies: true } } };
    const problem = await server.problem("POST", `${WS}/runs`, { experimentName: "e", snapshotId, runConfiguration });
    expect(problem).toMatchObject({ code: "forbidden", details: { onlyFor: "ada" } });
  });

  it("cannot be deleted while a run is on them, and are gone afterwards", async () => {
    await create();
    await server.get("POST", `${WS}/computes/my-instance/stop`);
    const { runId } = await submit("my-instance", "exit 0");
    const problem = await server.problem("DELETE", `${WS}/computes/my-instance`);
    expect(problem).toMatchObject({ code: "conflict", details: { runs: [runId] } });
    expect(problem.detail).toContain("cancel");
    await server.get("POST", `${WS}/runs/${runId}/cancel`, {});
    await ended(runId);
    await server.get("DELETE", `${WS}/computes/my-instance`);
    await eventually(async () => (await server.ask("GET", `${WS}/computes/my-instance`)).status === 404);
    expect(await server.problem("DELETE", `${WS}/computes/my-instance`)).toMatchObject({ code: "not_found" });
  });

  it("deleted while runs are being submitted: either is refused, and no run is left waiting", async () => {
    for (let round = 0; round < 2; round += 1) {
      await create();
      const snapshotId = await server.snapshotOf({ "run.sh": "exit 0" });
      const configuration = {
        command: ["sh", "run.sh"],
        target: "my-instance",
        environment: { python: { userManagedDependencies: true } },
      };
      const body = { experimentName: "race", snapshotId, runConfiguration: configuration };
      const submitting = Array.from({ length: 4 }, () => server.ask("POST", `${WS}/runs`, body));
      const deleting = server.ask("DELETE", `${WS}/computes/my-instance`);
      const answers = await Promise.all(submitting);
      expect([200, 202, 204, 409]).toContain((await deleting).status);
      for (const answer of answers) {
        if (!answer.ok) {
          expect([404, 409, 422]).toContain(answer.status);
          continue;
        }
        const run = await ended(((await answer.json()) as Run).runId);
        expect(["Completed", "TargetGone"]).toContain(run.error?.code ?? run.status);
      }
      if ((await deleting).status === 409) await eventually(async () => (await server.ask("DELETE", `${WS}/computes/my-instance`)).ok);
      await eventually(async () => (await server.ask("GET", `${WS}/computes/my-instance`)).status === 404);
    }
  });

  it("refuse, by name and with the way out", async () => {
    await create();
    const again = await server.problem("POST", `${WS}/computes`, instance("My-Instance"));
    expect(again).toMatchObject({ code: "already_exists" });
    expect(again.detail).toMatch(/Choose another name, or delete/);
    for (const name of ["local", "amlcompute", "x", "-a", "a-", "1a", "a".repeat(25), "a b"]) {
      expect(await server.problem("POST", `${WS}/computes`, instance(name)), name).toMatchObject({ code: "bad_request" });
    }
    expect(await server.problem("POST", `${WS}/computes/my-instance/detach`)).toMatchObject({
      code: "conflict",
      detail: expect.stringMatching(/deleted, not detached/),
    });
    expect(await server.problem("DELETE", `${WS}/computes/local`)).toMatchObject({ code: "conflict" });
    expect(await server.problem("GET", `${WS}/computes/my-instanc`)).toMatchObject({ details: { nearest: "my-instance" } });
    expect(await server.problem("GET", `${WS}/computes/my-instance/nodes`)).toMatchObject({ code: "bad_request" });
    expect(await server.problem("POST", `${WS}/computes/my-instance/credentials`)).toMatchObject({ code: "not_found" });
    expect(await server.problem("PATCH", `${WS}/computes/my-instance`, { maxNodes: 3 })).toMatchObject({ code: "bad_request" });
    await server.get("POST", "/workspaces", { name: "w2" });
    expect(await server.problem("POST", "/workspaces/w2/computes", instance("MY-instance"))).toMatchObject({
      code: "already_exists",
      detail: expect.stringContaining('in workspace "default" already'),
    });
    const other = await server.problem("POST", "/workspaces/none/computes", instance());
    expect(other).toMatchObject({ code: "not_found" });
    const multi = { command: ["true"], target: "my-instance", nodeCount: 2, environment: { python: { userManagedDependencies: true } } };
    expect(await server.problem("POST", `${WS}/runs`, { experimentName: "e", snapshotId: null, runConfiguration: multi })).toMatchObject({
      code: "job_rejected",
    });
  });

  it("keep tags and description, which can be changed", async () => {
    await server.get("POST", `${WS}/computes`, instance("tagged", { tags: { team: "a" }, description: "mine" }));
    const changed = await server.get<ComputeTarget>("PATCH", `${WS}/computes/tagged`, { tags: { cost: null }, description: null });
    expect(changed).toMatchObject({ tags: { team: "a", cost: null }, description: null });
  });
});
