import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ComputeDriver } from "@switchyard/compute";
import { bundleOf, Follower, Gate, until } from "@switchyard/compute/testing";
import { type JobCommunicator, rankLog } from "@switchyard/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LocalLab } from "../localLab.ts";

let lab: LocalLab;
let driver: ComputeDriver;
let gate: Gate;
const fromRepository = (path: string) => fileURLToPath(new URL(`../../../../${path}`, import.meta.url));
const signal = () => AbortSignal.timeout(60_000);
beforeEach(async () => {
  lab = new LocalLab();
  driver = await lab.connect();
  gate = new Gate();
});
afterEach(async () => {
  gate.close();
  await lab.close();
});

const LOGS = { build: "azureml-logs/20_image_build_log.txt", control: "azureml-logs/60_control_log.txt", driver: rankLog(0) };
const start = (communicator: JobCommunicator, script: string) =>
  driver.start(
    bundleOf({
      script,
      graceSeconds: 30,
      variables: { AZUREML_RUN_ID: "run" },
      job: { communicator, nodes: 3, processesPerNode: 2, logs: LOGS },
    }),
    signal(),
  );

const SAY = 'echo "$SWITCHYARD_RANK of $SWITCHYARD_WORLD_SIZE on $SWITCHYARD_NODE"';

describe("a distributed job of the local driver", () => {
  it.each(["none", "gloo", "nccl", "mpi"] as const)("brings home the log of every rank: %s", async (communicator) => {
    const follower = new Follower(driver, await start(communicator, SAY));
    expect(await follower.toTheEnd()).toMatchObject({ phase: "exited", exitCode: 0 });
    for (let rank = 0; rank < 6; rank++) expect(follower.text(rankLog(rank))).toBe(`${rank} of 6 on node-${Math.floor(rank / 2)}\n`);
  });

  it("keeps the metrics of all ranks apart: each has a journal of its own", async () => {
    const python = `python3 -c 'from azureml.core import Run; import os
run = Run.get_context()
for step in range(20): run.log("rank" + os.environ["RANK"], step)'`;
    const follower = new Follower(driver, await start("gloo", python));
    expect(await follower.toTheEnd()).toMatchObject({ exitCode: 0 });
    const journals = follower.files.filter((file) => file.startsWith("1/journal/") && !file.includes("_host")).map((file) => file.slice(2));
    expect(journals).toHaveLength(6);
    const names = journals.map((file) => {
      const records = follower
        .text(file)
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
      expect(records.map(({ n, v }) => [n, v])).toEqual(Array.from({ length: 20 }, (_, at) => [at + 1, at]));
      return records[0].name;
    });
    expect(names.sort()).toEqual([0, 1, 2, 3, 4, 5].map((rank) => `rank${rank}`));
  });

  it("collects what each rank hands over, also under one name", async () => {
    const python = `python3 -c 'from azureml.core import Run; import os
run = Run.get_context()
open("own.txt" + os.environ["RANK"], "w").write("x" * 100000)
for turn in range(100): run.upload_file("shared/%d.txt" % turn, "own.txt" + os.environ["RANK"])'`;
    const handle = await start("gloo", python);
    const follower = new Follower(driver, handle);
    expect(await follower.toTheEnd(), follower.text(rankLog(0))).toMatchObject({ exitCode: 0 });
    const files = (await driver.manifest(handle, signal())).map(({ path, size }) => [path, size]);
    expect(files).toHaveLength(100);
    expect(files.every(([, size]) => size === 100_000)).toBe(true);
  });

  it("is ended by the first rank that fails, with its code and its last lines", async () => {
    const script = `echo up; [ "$RANK" = 4 ] || exec sleep 300; until [ -e '${gate.path}' ]; do sleep 0.02; done; echo broken; exit 9`;
    const handle = await start("gloo", script);
    const follower = new Follower(driver, handle);
    await until("all ranks are up", async () => {
      await follower.look();
      return [0, 1, 2, 3, 4, 5].every((rank) => follower.text(rankLog(rank)) === "up\n");
    });
    gate.open();
    expect(await follower.toTheEnd()).toMatchObject({ phase: "exited", exitCode: 9 });
    const ended = JSON.parse(readFileSync(join(lab.directoryOf(handle), ".switchyard/attempts/1/ended.json"), "utf8"));
    expect(ended.rank).toEqual({ number: 4, node: "node-2", lines: ["up", "broken"] });
  });

  it("is canceled as one", async () => {
    const handle = await start("nccl", 'trap "echo leaving; exit 0" TERM; echo up; while :; do sleep 0.05; done');
    const follower = new Follower(driver, handle);
    await until("all ranks are up", async () => {
      await follower.look();
      return [0, 1, 2, 3, 4, 5].every((rank) => follower.text(rankLog(rank)) === "up\n");
    });
    await driver.cancel(handle, 30, signal());
    expect(await follower.toTheEnd()).toMatchObject({ because: expect.stringMatching(/cancel/i) });
    for (let rank = 0; rank < 6; rank++) expect(follower.text(rankLog(rank))).toContain("leaving\n");
  });

  it.each([1, 3])("fits the line of the example on %i nodes, to the same result", async (nodes) => {
    const train = readFileSync(fromRepository("examples/distributed/train.py"), "utf8");
    const job = { communicator: "gloo" as const, nodes, processesPerNode: nodes === 1 ? 1 : 2, logs: LOGS };
    const bundle = bundleOf({ files: { "train.py": train }, script: "exec python3 train.py", variables: { AZUREML_RUN_ID: "run" }, job });
    const handle = await driver.start(bundle, signal());
    const follower = new Follower(driver, handle);
    expect(await follower.toTheEnd()).toMatchObject({ exitCode: 0 });
    expect(follower.text(rankLog(0))).toContain("y = 2.889 x + 2.062, loss 0.01186");
    const losses = follower.files
      .filter((file) => file.includes("/journal/") && !file.includes("_host"))
      .map((file) => follower.text(file.slice(2)));
    expect(losses).toHaveLength(1);
    expect(losses[0]?.trim().split("\n")).toHaveLength(41);
  });

  it("tells processes nothing that the guide does not name", () => {
    const names = readFileSync(fromRepository("packages/compute/supervisor/variables.sh"), "utf8").matchAll(/"([A-Z_]{4,})=\$\1"/g);
    const told = new Set([...names].map(([, name]) => name));
    expect(told.size).toBeGreaterThan(20);
    const guide = readFileSync(fromRepository("docs/guide/distributed.md"), "utf8");
    expect([...told].filter((name) => !guide.includes(`\`${name}\``))).toEqual([]);
  });
});
