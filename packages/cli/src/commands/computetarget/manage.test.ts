import { describe, expect, it } from "vitest";
import { fakeTarget, runCli } from "../../../test/fakes.ts";

type Input = { params: { name: string }; body?: unknown; query?: unknown };

/** A server with one target, which remembers what it was asked to do. */
function fakeServer(target: Record<string, unknown> = {}) {
  const done: [what: string, name: string, body: unknown][] = [];
  const remember = (what: string, answer: unknown) => async (input: Input) => {
    done.push([what, input.params.name, JSON.parse(JSON.stringify(input.body ?? null))]);
    return answer;
  };
  const node = { nodeId: "node-1", nodeState: "running", port: 22, publicIpAddress: null, privateIpAddress: "10.1.0.4", runId: "r_1" };
  const api = {
    getTarget: async () => fakeTarget(target),
    listTargets: async () => [fakeTarget({ name: "local", type: "local", settings: {}, status: null }), fakeTarget(target)],
    updateTarget: remember("update", fakeTarget(target)),
    deleteTarget: remember("delete", undefined),
    detachTarget: remember("detach", undefined),
    startTarget: remember("start", fakeTarget(target)),
    stopTarget: remember("stop", fakeTarget(target)),
    restartTarget: remember("restart", fakeTarget(target)),
    listTargetNodes: remember("nodes", [node]),
    simulatePreemption: remember("preempt", [{ ...node, nodeState: "preempted" }]),
    getTargetCredentials: remember("credentials", { username: "me", password: "hush" }),
    waitForTarget: remember("wait", fakeTarget(target)),
    waitForTargetGone: remember("gone", null),
  };
  return { api, done };
}

const computetarget = (words: string, options: Parameters<typeof runCli>[1]) => runCli(["computetarget", ...words.split(" ")], options);
const person = { terminal: true, env: { NO_COLOR: "1" } };

describe("computetarget list, show, kinds and nodes", () => {
  it("list types, states, nodes and capabilities, uncut", async () => {
    const { api } = fakeServer();
    const { stdout } = await computetarget("list -o table", { api });
    expect(stdout).toMatch(/^Name +Type +State +Nodes +Capabilities\n/);
    expect(stdout).toMatch(/^cluster +amlcompute +Steady +2 of 4 +mpi gpu\* pipelines$/m);
    const all = fakeServer({
      capabilities: Object.fromEntries(
        ["docker", "multiNode", "mpi", "parameterServer", "pySpark", "gpu", "hyperparameterTuning", "automatedMl", "pipelines"]
          .concat("designer", "inference")
          .map((key) => [key, true]),
      ),
    });
    expect((await computetarget("list -o table", all)).stdout).toMatch(/ inference$/m);
  });

  it("list --check asks each, and says why one is not ready", async () => {
    const { api } = fakeServer({ healthy: false, reason: 'The compute instance "cluster" is stopped.' });
    const queries: unknown[] = [];
    const listTargets = async (input: Input) => {
      queries.push(input.query);
      return api.listTargets();
    };
    expect((await computetarget("list --check -o table", { api: { listTargets } })).stdout).toMatch(
      / no +The compute instance .* is stopped\./,
    );
    expect(queries).toEqual([{ check: true }]);
  });

  it("show what a person wants to know", async () => {
    const failed = { provisioningState: "Failed", provisioningErrors: [{ code: "x", message: "No such partition." }] };
    const { stdout } = await computetarget("show -n cluster", { ...fakeServer(failed), ...person });
    for (const part of ["amlcompute (AmlCompute)", "State", "Failed", "No such partition.", "vmSize", "mpi gpu* pipelines", "by ada"]) {
      expect(stdout).toContain(part);
    }
  });

  it("the capability matrix, with the conditions of what holds only sometimes", async () => {
    const listComputeKinds = async () => [
      { ...fakeTarget(), title: "managed cluster", creatable: true, attachable: false, available: true },
      { ...fakeTarget({ type: "aks" }), title: "Kubernetes", creatable: true, attachable: true, available: false },
    ];
    const { stdout } = await computetarget("kinds", { api: { listComputeKinds }, ...person });
    expect(stdout).toMatch(/^amlcompute +create +yes +yes +- /m);
    expect(stdout).toMatch(/^aks +create, attach +not yet/m);
    expect(stdout).toContain("* amlcompute, gpu: where the machine has one");
  });

  it("nodes with their runs", async () => {
    expect((await computetarget("nodes -n cluster -o table", fakeServer())).stdout).toMatch(/^node-1 +running +r_1 +10\.1\.0\.4:22$/m);
  });

  it("credentials, which nothing else shows", async () => {
    expect(JSON.parse((await computetarget("get-credentials -n box", fakeServer())).stdout)).toEqual({ username: "me", password: "hush" });
  });
});

describe("computetarget commands that change something", () => {
  it("take the kind as a word where Azure ML v1 had it, and as a group", async () => {
    const { api, done } = fakeServer({ type: "computeinstance" });
    for (const words of [
      "start -n ci",
      "start computeinstance -n ci",
      "computeinstance start -n ci",
      "start ci",
      "computeinstance stop -n ci",
      "restart -n ci --no-wait",
    ]) {
      expect((await computetarget(words, { api })).code, words).toBe(0);
    }
    expect(done.map(([what, name]) => `${what} ${name}`)).toEqual([
      "start ci",
      "start ci",
      "start ci",
      "start ci",
      "stop ci",
      "restart ci",
    ]);
  });

  it("refuse a word that is not the target's kind, and two names", async () => {
    const { api, done } = fakeServer();
    const wrong = await computetarget("start computeinstance -n cluster", { api });
    expect(wrong).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('"cluster" is no compute instance (computeinstance), but a managed cluster'),
    });
    expect(await computetarget("stop other -n cluster", { api })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("Two compute targets are named"),
    });
    expect(await computetarget("delete amlcompute", { api })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("Give its name with -n"),
    });
    expect(await computetarget("detach", { api })).toMatchObject({ code: 2 });
    expect(done).toEqual([]);
  });

  it("update only what is given", async () => {
    const { api, done } = fakeServer();
    expect((await computetarget("update amlcompute -n cluster --max-nodes 8 --idle-seconds-before-scaledown 5m", { api })).code).toBe(0);
    expect((await runCli(["computetarget", "update", "-n", "cluster", "--tag", "team=a", "--description", ""], { api })).code).toBe(0);
    expect(done).toEqual([
      ["update", "cluster", { maxNodes: 8, idleSecondsBeforeScaledown: 300 }],
      ["update", "cluster", { description: null, tags: { team: "a" } }],
    ]);
    expect(await computetarget("update -n cluster", { api })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("Nothing to change"),
    });
  });

  it("delete after a yes, without a question when told or when nobody is there to answer", async () => {
    for (const [words, answers, deleted] of [
      ["delete -n cluster", ["y"], true],
      ["delete -n cluster", [""], false],
      ["delete -n cluster", ["no"], false],
      ["delete amlcompute -n cluster --yes", [], true],
      ["delete -n cluster", undefined, true],
    ] as const) {
      const { api, done } = fakeServer();
      const asked: [string, boolean][] = [];
      const { code, stdout } = await computetarget(words, { api, asked, ...(answers === undefined ? {} : { answers }) });
      expect(done.map(([what]) => what)).toEqual(deleted ? ["delete", "gone"] : []);
      expect(code).toBe(deleted ? 0 : 1);
      if (deleted) expect(JSON.parse(stdout)).toEqual({ name: "cluster", deleted: true });
      if (asked.length > 0) expect(asked).toEqual([[expect.stringContaining("Delete the managed cluster cluster"), false]]);
    }
  });

  it("delete refuses what was attached and names the way out, before it asks", async () => {
    const { api, done } = fakeServer({ name: "box", attached: true });
    const { code, stderr } = await computetarget("delete -n box", { api, answers: [] });
    expect(code).toBe(1);
    expect(stderr).toContain("switchyard computetarget detach -n box");
    expect(done).toEqual([]);
  });

  it("detach refuses what was created, and names the way out", async () => {
    const { api, done } = fakeServer();
    const { code, stderr } = await computetarget("detach -n cluster", { api });
    expect({ code, done }).toEqual({ code: 1, done: [] });
    expect(stderr).toContain("switchyard computetarget delete -n cluster");
  });

  it("detach waits until the target is gone, or not", async () => {
    const { api, done } = fakeServer({ attached: true });
    expect(JSON.parse((await computetarget("detach -n box", { api })).stdout)).toEqual({ name: "box", detached: true });
    expect(JSON.parse((await computetarget("detach -n box --no-wait", { api })).stdout)).toEqual({ name: "box", detached: false });
    expect(done.map(([what]) => what)).toEqual(["detach", "gone", "detach"]);
    const stuck = { ...api, waitForTargetGone: async () => fakeTarget({ provisioningState: "Deleting" }) };
    expect(await computetarget("detach -n box", { api: stuck })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("the server tries on"),
    });
  });

  it("simulate a preemption, of the node that is named", async () => {
    const { api, done } = fakeServer();
    await computetarget("simulate-preemption -n cluster", { api });
    await computetarget("simulate-preemption -n cluster --node node-1", { api });
    expect(done.map(([, , body]) => body)).toEqual([{}, { nodeId: "node-1" }]);
  });

  it("wait, and end with 1 when it failed", async () => {
    expect((await computetarget("wait -n cluster --timeout 1m", fakeServer())).code).toBe(0);
    const failed = await computetarget("wait -n box", fakeServer({ provisioningState: "Failed", attached: true }));
    expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining("computetarget detach") });
  });

  it("end with 4 when the compute cannot be asked", async () => {
    const listTargetNodes = async () => {
      throw Object.assign(new Error("slurmctld does not answer."), { code: "compute_unreachable" });
    };
    expect((await computetarget("nodes -n hpc", { api: { listTargetNodes } })).code).toBe(4);
  });

  it("are found where they are misspelt", async () => {
    expect((await computetarget("detahc -n x", {})).stderr).toContain('Did you mean "switchyard computetarget detach"?');
    expect((await computetarget("computeinstance --help", {})).stdout).toContain("computetarget restart");
  });
});

describe("computetarget wait", () => {
  it("ends with 1 when the time is over before so many nodes are there, and refuses what will never be", async () => {
    const { api } = fakeServer();
    const none = fakeTarget({ status: { allocationState: "Steady", nodeStateCounts: { idleNodeCount: 0, runningNodeCount: 1 } } });
    const waiting = { api: { ...api, waitForTarget: async () => none } };
    const ended = await computetarget("wait -n cluster --min-nodes 2 --timeout 3", waiting);
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining("has 1 of the 2 nodes") });
    expect(await computetarget("wait -n cluster --min-nodes 1 --timeout 3", waiting)).toMatchObject({ code: 0 });
    expect(await computetarget("wait -n cluster --min-nodes 50", waiting)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/4 nodes at most.*--max-nodes 50/),
    });
  });
});
