import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { SlurmLab } from "../../src/testing/slurm/slurmLab.ts";
import { eventually, isAlive, processesOf, type TestJob, TestSite } from "../supervisor/harness.ts";
import {
  BARRIER,
  CONTROL_LOG,
  exceptRank,
  MPI_LOG,
  POLITE,
  python,
  rankLog,
  ranks,
  SHOW,
  STUBBORN,
  seenBy,
} from "../supervisor/rankJobs.ts";

const ready = (job: TestJob, ...which: number[]) =>
  eventually(`ranks ${which} are ready`, () => which.every((rank) => job.read(rankLog(rank)).includes("ready")));
const nothingIsLeft = (job: TestJob) => eventually("nothing is left", () => processesOf(job.folder).length === 0);
const pidOf = (job: TestJob, rank: number) => Number(readFileSync(join(job.attempt(), `ranks/${rank}`), "utf8").split(" ")[0]);

describe("ranks inside a Slurm allocation", () => {
  let lab: SlurmLab;
  let site: TestSite;
  beforeAll(async () => {
    lab = await SlurmLab.start({ nodes: 2 });
  }, 60_000);
  afterAll(() => lab?.close());
  beforeEach(() => {
    site = new TestSite("dash");
  });
  afterEach(() => site.clean());

  /** As a driver does: the supervisor is the batch script of an allocation, which may start processes on all its nodes. */
  async function submit(job: TestJob, ...words: string[]): Promise<string> {
    const script = join(job.folder, ".switchyard/batch");
    const variables = Object.entries({ ...site.variables, SWITCHYARD_PLACEMENT: "srun" }).map(
      ([name, value]) => `export ${name}='${value}'\n`,
    );
    writeFileSync(script, `#!/bin/sh\n${variables.join("")}exec sh '${job.folder}/.switchyard/supervise' run '${job.folder}'\n`, {
      mode: 0o755,
    });
    const layout = [`--nodes=${job.job.nodes}`, `--ntasks-per-node=${job.job.processesPerNode}`, `--output=${job.folder}/slurm.txt`];
    return lab.run("sbatch", "--parsable", ...layout, ...words, script);
  }

  it("starts every process on the node where it belongs", async () => {
    const job = site.place("numbers", ranks({ nodes: 2, processesPerNode: 2, ...python(SHOW) }));
    await submit(job);
    expect(await job.ended()).toMatchObject({ exitCode: 0, because: null });
    for (const rank of [0, 1, 2, 3]) {
      expect(seenBy(job, rank)).toMatchObject({
        RANK: `${rank}`,
        LOCAL_RANK: `${rank % 2}`,
        NODE_RANK: `${Math.floor(rank / 2)}`,
        SWITCHYARD_NODE: `n${1 + Math.floor(rank / 2)}`,
        MASTER_ADDR: "127.0.0.1",
      });
    }
    await nothingIsLeft(job);
  });

  it("lets ranks find each other", async () => {
    const job = site.place("barrier", ranks({ nodes: 2, processesPerNode: 2, ...python(BARRIER) }));
    await submit(job);
    expect(await job.ended()).toMatchObject({ exitCode: 0 });
    for (const rank of [0, 1, 2, 3]) expect(job.read(rankLog(rank))).toBe("sum 6\n");
  });

  it("ends with the code of the rank that failed, and lets the others finish", async () => {
    const job = site.place("fails", ranks({ nodes: 2, processesPerNode: 2, ...python(exceptRank(3, "sys.exit('broken')", POLITE)) }));
    await submit(job);
    await ready(job, 0, 1, 2);
    writeFileSync(join(job.folder, "go"), "");
    expect(await job.ended(), job.read(MPI_LOG)).toMatchObject({ exitCode: 1, rank: { number: 3, node: "n2", lines: ["broken"] } });
    for (const rank of [0, 1, 2]) expect(job.read(rankLog(rank))).toBe("ready\nleaving\n");
    await nothingIsLeft(job);
  });

  it("sees a rank that was killed on another node, and kills those that do not listen", async () => {
    const job = site.place("killed", ranks({ nodes: 2, limits: { graceSeconds: 0.3 }, ...python(STUBBORN) }));
    await submit(job);
    await ready(job, 0, 1);
    process.kill(pidOf(job, 1), "SIGKILL");
    expect(await job.ended()).toMatchObject({ exitCode: null, signal: "KILL", rank: { number: 1, node: "n2" } });
    await nothingIsLeft(job);
  });

  it("stops the ranks of all nodes", async () => {
    const job = site.place("stopped", ranks({ nodes: 2, ...python(POLITE) }));
    await submit(job);
    await ready(job, 0, 1);
    await site.supervise("stop", job.folder, "60", "canceled");
    expect(await job.ended()).toMatchObject({ because: "canceled" });
    for (const rank of [0, 1]) expect(job.read(rankLog(rank))).toBe("ready\nleaving\n");
    const stubborn = site.place("stubborn", ranks({ nodes: 2, ...python(STUBBORN) }));
    await submit(stubborn);
    await ready(stubborn, 0, 1);
    await site.supervise("stop", stubborn.folder, "0.3", "canceled");
    expect(await stubborn.ended()).toMatchObject({ because: "canceled" });
    await nothingIsLeft(stubborn);
  });

  it("leaves nothing behind when the job is taken away", async () => {
    const job = site.place("scancel", ranks({ nodes: 2, ...python(STUBBORN) }));
    const id = await submit(job);
    await ready(job, 0, 1);
    const pids = [pidOf(job, 0), pidOf(job, 1)];
    await lab.run("scancel", "--full", "--signal=KILL", id);
    await eventually("both ranks are dead", () => !pids.some(isAlive));
    await nothingIsLeft(job);
  });

  it("puts TensorFlow's tasks where their cluster says they are", async () => {
    const text = `import json, os\nprint(os.environ["SLURMD_NODENAME"], os.environ["SWITCHYARD_NODE"], json.loads(os.environ["TF_CONFIG"])["task"])`;
    const job = site.place(
      "tasks",
      ranks({ communicator: "parameterserver", nodes: 2, tasks: { workers: 3, parameterServers: 0 }, ...python(text) }),
    );
    await submit(job, "--ntasks-per-node=2");
    expect(await job.ended(), job.read(MPI_LOG)).toMatchObject({ exitCode: 0 });
    const seen = [0, 1, 2].map((rank) => job.read(rankLog(rank)));
    expect(seen).toEqual([
      "n1 n1 {'type': 'worker', 'index': 0}\n",
      "n2 n2 {'type': 'worker', 'index': 1}\n",
      "n1 n1 {'type': 'worker', 'index': 2}\n",
    ]);
  });

  it("adds with MPI over the nodes of the allocation", async () => {
    const text = `from mpi4py import MPI\nworld = MPI.COMM_WORLD\nprint("sum", world.allreduce(world.rank), "of", world.size)\n`;
    const environment = { kind: "user" as const, interpreter: "/usr/bin/python3" };
    // both nodes are this machine, and shared memory would not believe that
    const variables = { OMPI_MCA_btl: "self,tcp", OMPI_MCA_btl_tcp_if_include: "lo" };
    const job = site.place("mpi", ranks({ communicator: "mpi", environment, variables, nodes: 2, processesPerNode: 2, ...python(text) }));
    await submit(job);
    expect(await job.ended(), job.read(MPI_LOG) + job.read(CONTROL_LOG)).toMatchObject({ exitCode: 0 });
    for (const rank of [0, 1, 2, 3]) expect(job.read(rankLog(rank))).toBe("sum 6 of 4\n");
    await nothingIsLeft(job);
  });

  it("has MPI processes started by srun where a run asks for it, and says which types there are not", async () => {
    const variables = { SWITCHYARD_PLACEMENT_MPI: "srun:pmi2" };
    const job = site.place("pmi2", ranks({ communicator: "mpi", variables, nodes: 2, ...python(SHOW) }));
    await submit(job);
    expect(await job.ended(), job.read(MPI_LOG)).toMatchObject({ exitCode: 0 });
    for (const rank of [0, 1]) expect(seenBy(job, rank)).toMatchObject({ PMI_RANK: `${rank}`, SWITCHYARD_NODE: `n${rank + 1}` });
    expect(job.read(CONTROL_LOG)).toContain("MPI processes are started by srun --mpi=pmi2.");
    const wrong = site.place(
      "wrong",
      ranks({ communicator: "mpi", variables: { SWITCHYARD_PLACEMENT_MPI: "srun:carrier" }, nodes: 2, ...python(SHOW) }),
    );
    await submit(wrong);
    expect(await wrong.ended()).toMatchObject({
      rank: { number: null, node: "srun", lines: expect.arrayContaining([expect.stringMatching(/mpi/i)]) },
    });
    expect((await wrong.ended()).exitCode).not.toBe(0);
  });
});
