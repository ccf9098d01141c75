import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually, find, type JobOptions, kill, processesOf, SHELLS, type TestJob, TestSite } from "./harness.ts";
import { CONTROL_LOG, exceptRank, MPI_LOG, POLITE, python, rankLog, ranks, SHOW, STUBBORN, seenBy, sh } from "./rankJobs.ts";

/** Debian's Python has mpi4py; the one that is first on PATH may not. */
const interpreter = "/usr/bin/python3";
const mpi = (job: JobOptions): JobOptions => ranks({ communicator: "mpi", environment: { kind: "user", interpreter }, ...job });

const ALLREDUCE = `from mpi4py import MPI
world = MPI.COMM_WORLD
print("sum", world.allreduce(world.rank), "of", world.size, flush=True)
`;
const ready = (job: TestJob, ...which: number[]) =>
  eventually(`ranks ${which} are ready; ${job.read(MPI_LOG)}`, () => which.every((rank) => job.read(rankLog(rank)).includes("ready")));
const nothingIsLeft = (job: TestJob) => eventually("nothing is left", () => processesOf(job.folder).length === 0);
const go = (job: TestJob) => writeFileSync(join(job.folder, "go"), "");
const pidOf = (job: TestJob, rank: number) => Number(readFileSync(join(job.attempt(), `ranks/${rank}`), "utf8").split(" ")[0]);

/** Puts one flavour of MPI where the supervisor finds it first. */
function useMpi(site: TestSite, flavour: "openmpi" | "mpich"): void {
  const program = find(`mpirun.${flavour}`);
  if (program === null) throw new Error(`These tests need mpirun.${flavour}. Install it: scripts/test-setup.sh.`);
  site.addTool("mpirun", `#!/bin/sh\nexec ${program} "$@"\n`);
}

for (const shell of SHELLS) {
  describe(`Open MPI under ${shell}`, () => {
    let site: TestSite;
    beforeEach(() => {
      site = new TestSite(shell);
      useMpi(site, "openmpi");
    });
    afterEach(() => site.clean());

    it.each([2, 3])("adds over %i nodes of this machine", async (nodes) => {
      const job = site.place(`sum${nodes}`, mpi({ nodes, processesPerNode: 2, ...python(ALLREDUCE) }));
      expect(await job.run(), job.read(MPI_LOG)).toMatchObject({ exitCode: 0, signal: null, because: null });
      const size = nodes * 2;
      for (let rank = 0; rank < size; rank++) expect(job.read(rankLog(rank))).toBe(`sum ${(size * (size - 1)) / 2} of ${size}\n`);
      await nothingIsLeft(job);
    });

    it("ends with the code of the rank that failed, and names it", async () => {
      const job = site.place("fails", mpi({ nodes: 3, ...python(exceptRank(1, "sys.exit('broken')", POLITE)) }));
      await job.launch();
      await ready(job, 0, 2);
      go(job);
      expect(await job.ended()).toMatchObject({ exitCode: 1, because: null, rank: { number: 1, node: "node-1", lines: ["broken"] } });
      for (const rank of [0, 2]) expect(job.read(rankLog(rank))).toBe("ready\nleaving\n");
      await nothingIsLeft(job);
    });

    it("gives ranks their time to finish when it is stopped", async () => {
      const job = site.place("polite", mpi({ nodes: 2, ...python(POLITE) }));
      await job.launch();
      await ready(job, 0, 1);
      await site.supervise("stop", job.folder, "60", "canceled");
      expect(await job.ended()).toMatchObject({ because: "canceled" });
      for (const rank of [0, 1]) expect(job.read(rankLog(rank))).toBe("ready\nleaving\n");
      await nothingIsLeft(job);
    });
  });
}

const commandOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return ""; // it ended by itself
  }
};

describe("MPI", () => {
  let site: TestSite;
  beforeEach(() => {
    site = new TestSite("dash");
  });
  afterEach(() => site.clean());

  it("tells a rank who it is in MPI's words and in ours, and in Azure's where to meet", async () => {
    useMpi(site, "openmpi");
    const job = site.place(
      "show",
      mpi({ nodes: 2, processesPerNode: 2, variables: { OMPI_MCA_orte_tag_output: "0" }, ...python(SHOW, "--rank=$OMPI_COMM_WORLD_RANK") }),
    );
    expect(await job.run(), job.read(MPI_LOG)).toMatchObject({ exitCode: 0 });
    for (const rank of [0, 1, 2, 3]) {
      const seen = seenBy(job, rank);
      expect(seen).toMatchObject({
        OMPI_COMM_WORLD_RANK: `${rank}`,
        OMPI_COMM_WORLD_SIZE: "4",
        SWITCHYARD_RANK: `${rank}`,
        SWITCHYARD_LOCAL_RANK: `${rank % 2}`,
        SWITCHYARD_NODE: `node-${Math.floor(rank / 2)}`,
        AZ_BATCH_MASTER_NODE: `127.0.0.1:${seen.MASTER_PORT}`,
        AZ_BATCHAI_MPI_MASTER_NODE: "127.0.0.1",
      });
      expect(seen).not.toHaveProperty("RANK");
    }
  });

  it("says what it starts, with what protects a person switched off only where it must be", async () => {
    site.addTool(
      "mpirun",
      `#!/bin/sh\n[ "$1" != --version ] || { echo 'mpirun (Open MPI) 4.1.4'; exit; }\necho "mpirun $*" >&2\nOMPI_COMM_WORLD_RANK=0 && export OMPI_COMM_WORLD_RANK\nwhile [ "$1" != sh ] && [ "$1" != "$SWITCHYARD_SH" ]; do shift; done\nexec "$@"\n`,
    );
    site.addTool("nproc", "#!/bin/sh\necho 64\n");
    site.addTool("awk", "#!/bin/sh\necho 1\n");
    const many = site.place("many", mpi({ nodes: 2, command: sh("true") }));
    await many.run();
    const asRoot = process.getuid?.() === 0 ? " --allow-run-as-root" : "";
    expect(many.read(MPI_LOG)).toContain(`mpirun -np 2 --mca orte_allowed_exit_without_sync 1${asRoot} --oversubscribe `);
    site.addTool("awk", "#!/bin/sh\necho 4\n");
    const few = site.place("few", mpi({ nodes: 2, command: sh("true") }));
    await few.run();
    expect(few.read(MPI_LOG)).not.toContain("--oversubscribe");
  });

  it("ends with mpirun's own failure when no rank failed, and shows its last words", async () => {
    site.addTool(
      "mpirun",
      "#!/bin/sh\n[ \"$1\" != --version ] || { echo 'mpirun (Open MPI) 4.1.4'; exit; }\necho 'not enough slots' >&2\nexit 213\n",
    );
    const job = site.place("slots", mpi({ nodes: 2, command: sh("true") }));
    expect(await job.run()).toMatchObject({
      exitCode: 213,
      rank: { number: null, node: "mpirun", lines: [expect.anything(), "not enough slots"] },
    });
    expect(job.read(CONTROL_LOG)).toContain("mpirun ended with exit code 213");
  });

  it("names what to install when there is no mpirun, and what it found when that is no MPI", async () => {
    const bin = [
      "sh",
      "cat",
      "mkdir",
      "date",
      "stat",
      "find",
      "sed",
      "tr",
      "grep",
      "tail",
      "mv",
      "rm",
      "ln",
      "cp",
      "id",
      "touch",
      "uname",
      "setsid",
      "sleep",
      "tee",
      "dirname",
      "head",
    ];
    for (const name of bin) if (find(name) !== null) site.addTool(name, `#!/bin/sh\nexec ${find(name)} "$@"\n`);
    site.variables.PATH = site.tools;
    const missing = site.place("missing", mpi({ nodes: 2, command: sh("echo ran") }));
    expect(await missing.run()).toMatchObject({ exitCode: null, because: "launcher_missing" });
    for (const log of [CONTROL_LOG, rankLog(0)]) {
      expect(missing.read(log)).toMatch(/mpirun not found on .*apt install openmpi-bin.*or set communicator to None/);
    }
    site.addTool("mpirun", "#!/bin/sh\necho 'a game, version 1'\n");
    const strange = site.place("strange", mpi({ nodes: 2, command: sh("echo ran") }));
    expect(await strange.run()).toMatchObject({ because: "launcher_missing" });
    expect(strange.read(CONTROL_LOG)).toContain('says "a game, version 1"');
  });

  it("starts MPICH's processes in its own words", async () => {
    useMpi(site, "mpich");
    const job = site.place("mpich", mpi({ nodes: 2, processesPerNode: 2, ...python(SHOW) }));
    expect(await job.run(), job.read(MPI_LOG)).toMatchObject({ exitCode: 0 });
    for (const rank of [0, 1, 2, 3]) expect(seenBy(job, rank)).toMatchObject({ PMI_RANK: `${rank}`, SWITCHYARD_RANK: `${rank}` });
    const fails = site.place("mpich-fails", mpi({ nodes: 2, ...python(exceptRank(1, "sys.exit(5)", POLITE)) }));
    await fails.launch();
    await ready(fails, 0);
    go(fails);
    expect(await fails.ended()).toMatchObject({ exitCode: 5, rank: { number: 1, node: "node-1" } });
    await nothingIsLeft(fails);
  });

  it("sees a rank that was killed", async () => {
    useMpi(site, "openmpi");
    const job = site.place("rank-killed", mpi({ nodes: 2, ...python(POLITE) }));
    await job.launch();
    await ready(job, 0, 1);
    kill(pidOf(job, 1));
    expect(await job.ended()).toMatchObject({ exitCode: null, signal: "KILL", rank: { number: 1, node: "node-1" } });
    await nothingIsLeft(job);
  });

  it("leaves nothing behind when it is stopped, or when mpirun and its launcher are killed", async () => {
    useMpi(site, "openmpi");
    const stopped = site.place("stopped", mpi({ nodes: 2, ...python(STUBBORN) }));
    await stopped.launch();
    await ready(stopped, 0, 1);
    await site.supervise("stop", stopped.folder, "0.3", "canceled");
    expect(await stopped.ended()).toMatchObject({ because: "canceled" });
    await nothingIsLeft(stopped);
    const killed = site.place("killed", mpi({ nodes: 2, ...python(STUBBORN) }));
    await killed.launch();
    await ready(killed, 0, 1);
    kill(...processesOf(killed.folder).filter((pid) => /\/mpirun|ranks\.sh/.test(commandOf(pid))));
    expect(await killed.ended()).toMatchObject({ signal: "KILL" });
    await nothingIsLeft(killed);
  });
});
