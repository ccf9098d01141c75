import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EndedEvent } from "@switchyard/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually, isAlive, type JobOptions, processesOf, SHELLS, type TestJob, TestSite } from "./harness.ts";

const CONTROL_LOG = "azureml-logs/60_control_log.txt";
const rankLog = (rank: number) => `azureml-logs/70_driver_log_${rank}.txt`;
const sh = (text: string, ...words: string[]) => ({ kind: "command" as const, argv: ["sh", "-c", text, "script", ...words] });

/** A distributed job as the engine describes it. */
const ranks = (job: JobOptions): JobOptions => ({
  communicator: "gloo",
  logs: { build: "azureml-logs/20_image_build_log.txt", control: CONTROL_LOG, driver: rankLog(0) },
  limits: { graceSeconds: 60 },
  ...job,
});

/** Prints every variable that a process of a distributed run may be told, as JSON. */
const SHOW = `import json, os
names = ("SWITCHYARD_", "AZ_BATCH", "MASTER_", "RANK", "WORLD_SIZE", "LOCAL_", "NODE_RANK", "TF_CONFIG", "OMPI_COMM_WORLD_RANK")
print(json.dumps({k: v for k, v in os.environ.items() if k.startswith(names)}), flush=True)
`;
const python = (text: string, ...words: string[]) => ({
  command: { kind: "python" as const, script: "a.py", arguments: words },
  code: { "a.py": text },
});
const seenBy = (job: TestJob, rank: number): Record<string, string> => JSON.parse(job.read(rankLog(rank)));

/** Ranks meet at the rendezvous of rank 0 and go on when all are there: what a framework's process group does. */
const BARRIER = `import os, socket, sys, time
rank, size = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
place = (os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"]))
if rank == 0:
    server = socket.create_server(place)
    others = [server.accept()[0] for _ in range(size - 1)]
    total = sum(other.recv(1)[0] for other in others)
    for other in others: other.sendall(bytes([total]))
else:
    for _ in range(600):
        try: other = socket.create_connection(place, 5); break
        except OSError: time.sleep(0.05)
    other.sendall(bytes([rank])); total = other.recv(1)[0]
print("sum", total)
`;

/** Says that it is ready, and waits for ever; on TERM it says so and leaves. */
const POLITE = `trap 'echo leaving; exit 0' TERM; echo ready; while :; do sleep 0.05; done`;
const STUBBORN = `trap '' TERM; echo ready; while :; do sleep 300; done`;

for (const shell of SHELLS) {
  describe(`ranks under ${shell}`, () => {
    let site: TestSite;
    beforeEach(() => {
      site = new TestSite(shell);
    });
    afterEach(() => site.clean());
    const ready = (job: TestJob, ...which: number[]) =>
      eventually(`ranks ${which} are ready: ${job.read(CONTROL_LOG)}`, () =>
        which.every((rank) => job.read(rankLog(rank)).includes("ready")),
      );
    const nothingIsLeft = (job: TestJob) => eventually("nothing is left", () => processesOf(job.folder).length === 0);

    it("starts every process on every node, each with its own log and its own numbers", async () => {
      const job = site.place("numbers", ranks({ nodes: 3, processesPerNode: 2, ...python(SHOW) }));
      expect(await job.run()).toMatchObject({ exitCode: 0, signal: null, because: null });
      const all = [0, 1, 2, 3, 4, 5].map((rank) => seenBy(job, rank));
      const [first] = all;
      expect(first?.MASTER_PORT).toMatch(/^\d+$/);
      for (const [rank, seen] of all.entries()) {
        const node = Math.floor(rank / 2);
        expect(seen).toMatchObject({
          RANK: `${rank}`,
          WORLD_SIZE: "6",
          LOCAL_RANK: `${rank % 2}`,
          LOCAL_WORLD_SIZE: "2",
          NODE_RANK: `${node}`,
          MASTER_ADDR: "127.0.0.1",
          MASTER_PORT: first?.MASTER_PORT,
          AZ_BATCH_MASTER_NODE: `127.0.0.1:${first?.MASTER_PORT}`,
          AZ_BATCHAI_TASK_INDEX: `${rank}`,
          AZ_BATCHAI_PYTORCH_INIT_METHOD: `file://${job.attempt()}/ranks/rendezvous`,
          SWITCHYARD_RANK: `${rank}`,
          SWITCHYARD_WORLD_SIZE: "6",
          SWITCHYARD_LOCAL_RANK: `${rank % 2}`,
          SWITCHYARD_LOCAL_WORLD_SIZE: "2",
          SWITCHYARD_NODE_RANK: `${node}`,
          SWITCHYARD_NODE_COUNT: "3",
          SWITCHYARD_NODE: `node-${node}`,
        });
      }
      expect(readdirSync(join(job.attempt(), "azureml-logs"))).toEqual([
        "60_control_log.txt",
        ...[0, 1, 2, 3, 4, 5].map((n) => `70_driver_log_${n}.txt`),
      ]);
      await nothingIsLeft(job);
    });

    it("lets ranks find each other", async () => {
      const job = site.place("barrier", ranks({ nodes: 2, processesPerNode: 2, ...python(BARRIER) }));
      expect(await job.run()).toMatchObject({ exitCode: 0 });
      for (const rank of [0, 1, 2, 3]) expect(job.read(rankLog(rank))).toBe("sum 6\n");
    });

    it("ends with the code of the rank that failed, names it, and lets the others finish", async () => {
      const job = site.place(
        "fails",
        ranks({
          nodes: 3,
          command: sh(`[ "$RANK" = 1 ] || { ${POLITE}; }; until [ -e ../go ]; do sleep 0.02; done; echo 'what "broke" it'; exit 7`),
        }),
      );
      await job.launch();
      await ready(job, 0, 2);
      writeFileSync(join(job.folder, "go"), "");
      const ended = await job.ended();
      expect(ended).toMatchObject({
        exitCode: 7,
        signal: null,
        because: null,
        rank: { number: 1, node: "node-1", lines: ['what "broke" it'] },
      });
      for (const rank of [0, 2]) expect(job.read(rankLog(rank))).toBe("ready\nleaving\n");
      expect(job.read(CONTROL_LOG)).toMatch(
        /Rank 1 on node-1 ended with exit code 7.*\n.*last lines, in azureml-logs\/70_driver_log_1\.txt:\nwhat "broke" it\n/,
      );
      await nothingIsLeft(job);
    });
    void ({} as EndedEvent);
    void isAlive;
    void STUBBORN;
  });
}
