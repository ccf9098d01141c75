// Machines behind SSH as compute targets, through HTTP, against a real sshd.
import type { SshAuth } from "@switchyard/compute/ssh";
import { SshLab } from "@switchyard/compute/testing";
import type { ComputeTarget, Run } from "@switchyard/protocol";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { eventually } from "./support/eventually.ts";
import { TemporaryServer } from "./support/temporaryServer.ts";

const WS = "/workspaces/default";
let lab: SshLab;
let server: TemporaryServer;
beforeAll(async () => {
  lab = await SshLab.start(1);
});
afterAll(() => lab.close());
beforeEach(async () => {
  server = await TemporaryServer.start();
});
afterEach(() => server.close());

const secretOf = (auth: SshAuth) => {
  if (auth.kind === "password") return { password: auth.password };
  if (auth.kind === "agent") return { useAgent: true };
  return { privateKey: auth.privateKey, ...(auth.passphrase !== null && { privateKeyPassphrase: auth.passphrase }) };
};
let sites = 0;
const machine = (name: string, more: object = {}, auth = lab.auth("key")) => {
  const { address, port, username } = lab.host.settings(auth);
  sites += 1;
  return {
    type: "remote",
    name,
    settings: { address, sshPort: port, username, siteRoot: `server-site-${sites}`, ...more },
    secret: secretOf(auth),
  };
};
const attach = (body: object) => server.get<ComputeTarget>("POST", `${WS}/computes/attach`, body);
const settled = (name: string) =>
  eventually(async () => {
    const target = await server.get<ComputeTarget>("GET", `${WS}/computes/${name}`);
    return target.provisioningState !== "Creating" && target;
  });
const submit = async (target: string, script: string) => {
  const snapshotId = await server.snapshotOf({ "run.sh": script });
  const environment = { python: { userManagedDependencies: true, interpreterPath: "python3" } };
  return await server.get<Run>("POST", `${WS}/runs`, {
    experimentName: "remote",
    snapshotId,
    runConfiguration: { command: ["sh", "run.sh"], target, environment },
  });
};
const ended = (runId: string) =>
  eventually(async () => {
    const run = await server.get<Run>("GET", `${WS}/runs/${runId}`);
    return run.endTimeUtc !== null && run;
  });

describe("a machine behind SSH", () => {
  it.each(["key", "password", "encrypted key"] as const)("is attached with a %s, and takes runs", async (kind) => {
    const made = await attach(machine("gpu-box", {}, lab.auth(kind)));
    expect(made).toMatchObject({ attached: true, computeType: "VirtualMachine", provisioningState: "Creating" });
    const target = await settled("gpu-box");
    expect(target).toMatchObject({
      provisioningState: "Succeeded",
      healthy: true,
      status: { hostKey: expect.stringContaining("SHA256:") },
    });
    const { runId } = await submit("gpu-box", "echo hello; mkdir -p outputs; echo model > outputs/model.txt");
    const run = await ended(runId);
    expect(run).toMatchObject({ status: "Completed", target: "gpu-box", attempts: [{ number: 1, exitCode: 0, node: lab.host.name }] });
    const file = async (path: string) => await (await server.ask("GET", `${WS}/runs/${runId}/files/${path}`)).text();
    expect(await file("azureml-logs/80_driver_log.txt")).toBe("hello\n");
    expect(await file("outputs/model.txt")).toBe("model\n");
  });

  it("lets a script ask the server questions, though it listens on another machine's loopback", async () => {
    await attach(machine("gpu-box"));
    await settled("gpu-box");
    const script =
      'python3 -c \'import os, urllib.request as u; r = u.Request(os.environ["AZUREML_SERVICE_ENDPOINT"] + "/healthz"); print(u.urlopen(r).status)\'';
    const { runId } = await submit("gpu-box", script);
    await ended(runId);
    expect(await (await server.ask("GET", `${WS}/runs/${runId}/files/azureml-logs/80_driver_log.txt`)).text()).toBe("200\n");
  });

  it.each([
    ["a wrong password", () => machine("bad", {}, { kind: "password", password: "wrong" }), /does not take this password/],
    ["a stranger's key", () => machine("bad", {}, lab.auth("stranger's key")), /does not take this key/],
    ["a closed port", () => machine("bad", { sshPort: 1 }), /1.*refuse|refuse.*1/i],
    ["a name that does not exist", () => machine("bad", { address: "no-such-host.invalid" }), /no-such-host\.invalid/],
    ["another host key", () => machine("bad", { hostKey: `SHA256:${"A".repeat(43)}` }), /host key/i],
  ])("that has %s is Failed with the reason, and can be detached", async (_what, body, message) => {
    await attach(body());
    const target = await settled("bad");
    expect(target).toMatchObject({ provisioningState: "Failed", healthy: false });
    expect(target.provisioningErrors[0]?.message).toMatch(message);
    await server.get("POST", `${WS}/computes/bad/detach`);
    await eventually(async () => (await server.ask("GET", `${WS}/computes/bad`)).status === 404);
  });

  it("is attached once, whatever it is called and by whatever address", async () => {
    const body = machine("first");
    await attach(body);
    await settled("first");
    const again = await server.problem("POST", `${WS}/computes/attach`, { ...body, name: "second" });
    expect(again).toMatchObject({ code: "conflict", detail: expect.stringContaining('"first"') });
    await server.get("POST", `${WS}/computes/first/detach`);
    await eventually(async () => (await server.ask("GET", `${WS}/computes/first`)).status === 404);
    await attach({ ...body, name: "second" });
    expect((await settled("second")).provisioningState).toBe("Succeeded");
  });

  it("needs exactly one way to log in", async () => {
    for (const secret of [{}, { password: "a", privateKey: "b" }, { password: "a", useAgent: true }]) {
      const problem = await server.problem("POST", `${WS}/computes/attach`, { ...machine("box"), secret });
      expect(problem).toMatchObject({ code: "bad_request", detail: expect.stringMatching(/one way to log in/) });
    }
  });

  it("keeps its credentials from everybody but get-credentials", async () => {
    const auth = lab.auth("password");
    const { password } = auth as { password: string };
    const made = await attach(machine("gpu-box", {}, auth));
    await settled("gpu-box");
    const { runId } = await submit("gpu-box", "env; cat $SWITCHYARD_JOB_DIR/.switchyard/job.json");
    await ended(runId);
    const texts = [
      made,
      await settled("gpu-box"),
      await server.get("GET", `${WS}/computes`),
      await server.get("GET", `${WS}/runs/${runId}`),
    ];
    const log = await (await server.ask("GET", `${WS}/runs/${runId}/files/azureml-logs/80_driver_log.txt`)).text();
    for (const text of [...texts.map((each) => JSON.stringify(each)), log]) expect(text).not.toContain(password);
    expect(await server.get("POST", `${WS}/computes/gpu-box/credentials`)).toEqual({ username: lab.host.settings().username, password });
  });

  it("changes how many runs it takes at once, and nothing of a cluster", async () => {
    await attach(machine("gpu-box", { maxConcurrentRuns: 1 }));
    await settled("gpu-box");
    const changed = await server.get<ComputeTarget>("PATCH", `${WS}/computes/gpu-box`, { maxConcurrentRuns: 7 });
    expect(changed.settings.maxConcurrentRuns).toBe(7);
    expect(await server.problem("PATCH", `${WS}/computes/gpu-box`, { minNodes: 2 })).toMatchObject({ code: "bad_request" });
  });
});
