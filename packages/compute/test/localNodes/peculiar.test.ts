import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LocalNodeProvider } from "@switchyard/compute/localNodes";
import { bundleOf, Follower, until } from "@switchyard/compute/testing";
import { Conflict, type FailPointName, JobRejected, onFailPoint } from "@switchyard/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LocalNodeLab } from "../localNodeLab.ts";

const signal = AbortSignal.timeout(120_000);
const request = (id: string, more: object = {}) => ({
  id,
  cluster: "pool",
  vmSize: "Standard_D2_v2",
  vmPriority: "lowpriority" as const,
  expirySeconds: 600,
  image: null,
  ...more,
});

describe("nodes of this machine", () => {
  let lab: LocalNodeLab;
  let provider: LocalNodeProvider;
  const phaseOf = async (id: string) => (await provider.list(null, signal)).find((node) => node.id === id)?.phase;
  const untilPhase = (id: string, phase: string) => until(`${id} is ${phase}`, async () => (await phaseOf(id)) === phase);
  const ready = async (id: string, more: object = {}) => {
    await provider.create(request(id, more), signal);
    await untilPhase(id, "ready");
  };

  beforeEach(async () => {
    lab = new LocalNodeLab();
    provider = await lab.connect();
  });
  afterEach(async () => {
    onFailPoint(undefined);
    for (const id of existsSync(join(lab.siteRoot, "nodes")) ? readdirSync(join(lab.siteRoot, "nodes")) : []) await lab.kill(id);
    await lab.close();
  });

  /** A server that is killed here: nothing after it is done. */
  const diesAt = async (place: FailPointName, act: () => Promise<unknown>) => {
    onFailPoint((name) => {
      if (name === place) throw new Error("killed");
    });
    await expect(act()).rejects.toThrow("killed");
    onFailPoint(undefined);
    provider = await lab.connect();
  };

  it("says that it cannot make a node from an image", async () => {
    await expect(provider.create(request("a", { image: "python:3.12" }), signal)).rejects.toThrow(JobRejected);
  });

  it("is ended by nothing but its own expiry when the server is gone for good", async () => {
    await ready("a", { expirySeconds: 8 }); // long enough to be given a job, on a machine that is busy with everything else
    const follower = await startedOn("a", "sleep 1; exit 0\n");
    await follower.toTheEnd();
    // its data was not brought home, so the node waits for that, for ever
    expect(await phaseOf("a")).toBe("ready");
    await provider.vacate("a", follower.handle.jobId, signal);
    await until("the keeper is gone", async () => (await lab.leftovers("a")).length === 0);
    expect(readdirSync(lab.folderOf("a")).filter((name) => name === "tmp" || name === "scratch")).toEqual([]);
  });

  it("takes up a node that a killed server had only laid", async () => {
    await diesAt("node.after-laid", () => provider.create(request("a"), signal));
    expect(await lab.leftovers("a")).toEqual([]);
    await untilPhase("a", "ready"); // looking is enough, whether the server knows of it or not
    await provider.create(request("a"), signal);
    expect(await provider.list("pool", signal)).toHaveLength(1);
  });

  it("finishes a deletion that a killed server had begun", async () => {
    await ready("a");
    await diesAt("node.before-keeper-ended", () => provider.delete("a", signal));
    expect(await phaseOf("a")).toBe("ended");
    await expect(provider.occupy("a", "job-1", signal)).rejects.toThrow(Conflict);
    await provider.delete("a", signal);
    await until("nothing runs", async () => (await lab.leftovers("a")).length === 0);
    expect(await provider.list(null, signal)).toEqual([]);
  });

  it("takes a bare TERM for a notice, as a machine that shuts down gives it", async () => {
    await ready("a");
    const follower = await startedOn("a", "trap 'echo 7 > checkpoints/state; exit 0' TERM\necho ready; while :; do sleep 0.05; done\n");
    await until("the script is ready", async () => {
      await follower.look();
      return follower.text("azureml-logs/80_driver_log.txt").includes("ready");
    });
    process.kill(Number(readFileSync(join(lab.folderOf("a"), "keeper"), "utf8").split(" ")[0]), "SIGTERM");
    expect(await follower.toTheEnd()).toMatchObject({ exitCode: 0, because: "preempted" });
    await untilPhase("a", "preempted");
  });

  it("counts nodes of an earlier start of the machine as lost", async () => {
    await ready("a");
    const path = join(lab.folderOf("a"), "keeper");
    const [pid, start] = readFileSync(path, "utf8").split(" ");
    await lab.kill("a");
    writeFileSync(path, `${pid} ${start} another-boot\n`);
    expect(await phaseOf("a")).toBe("lost");
    // the number may be somebody else's by now: this very process
    writeFileSync(path, `${process.pid} 1 ${readFileSync("/proc/sys/kernel/random/boot_id", "utf8")}`);
    expect(await phaseOf("a")).toBe("lost");
    await provider.delete("a", signal);
  });

  it("ends a job that was placed on a node just when that died", async () => {
    await ready("a");
    const bundle = bundleOf({ script: "while :; do sleep 0.05; done\n" });
    await provider.occupy("a", bundle.id, signal);
    await lab.kill("a");
    await provider.list(null, signal);
    const driver = await lab.connectDriver();
    const follower = new Follower(driver, await driver.start(bundle, signal));
    const end = await until("the job was ended", async () => {
      await provider.list(null, signal);
      const seen = await follower.look();
      return seen.phase === "exited" && seen;
    });
    expect(end).toMatchObject({ because: "node_lost" });
  });

  it("never gives a job a node that expires in the same moment", async () => {
    for (let turn = 0; turn < 6; turn += 1) {
      const id = `race${turn}`;
      await provider.create(request(id, { expirySeconds: 1 }), signal);
      let given = 0;
      await until(`${id} is given away or gone`, async () => {
        given += 1;
        try {
          await provider.occupy(id, "job-1", signal);
          await provider.vacate(id, "job-1", signal);
          writeFileSync(join(lab.folderOf(id), "expiry"), "0 1\n"); // long ago: the keeper may end it at any moment
        } catch (error) {
          if (!(error instanceof Conflict)) throw error;
          return (await phaseOf(id)) === "ended";
        }
        return given > 300;
      });
      const phase = await phaseOf(id);
      if (phase !== "ready") continue;
      await provider.occupy(id, "job-1", signal).catch(() => {});
      const node = (await provider.list(null, signal)).find((each) => each.id === id);
      expect(node?.jobs.length === 1 ? node.phase : "ready").toBe("ready");
    }
  });

  it("keeps a node whose expiry cannot be read", async () => {
    await ready("a");
    writeFileSync(join(lab.folderOf("a"), "expiry"), "");
    await provider.create(request("b", { expirySeconds: 1 }), signal);
    await untilPhase("b", "ended");
    expect(await phaseOf("a")).toBe("ready");
  });

  async function startedOn(nodeId: string, script: string): Promise<Follower> {
    const bundle = bundleOf({ script });
    await provider.occupy(nodeId, bundle.id, signal);
    const driver = await lab.connectDriver();
    return new Follower(driver, await driver.start(bundle, signal));
  }
});
