import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type ContainerLab, containerSite, containersOf, inContainer, MINUTES_5, startContainerLab, uniqueName } from "./containerLab.ts";
import { eventually, type JobOptions, processesOf, type TestJob, type TestSite } from "./harness.ts";
import { BARRIER, CONTROL_LOG, exceptRank, POLITE, python, rankLog, ranks, STUBBORN } from "./rankJobs.ts";

describe("ranks in a container", () => {
  let lab: ContainerLab;
  let site: TestSite;
  beforeAll(async () => {
    lab = await startContainerLab();
  }, MINUTES_5);
  beforeEach(() => {
    site = containerSite(lab, "dash");
  });
  afterEach(() => site.clean());
  const place = (id: string, options: JobOptions) => site.place(uniqueName(id), ranks({ ...inContainer(lab), nodes: 3, ...options }));
  const ready = (job: TestJob, ...which: number[]) =>
    eventually(`ranks ${which} are ready`, () => which.every((rank) => job.read(rankLog(rank)).includes("ready")));
  const nothingIsLeft = async (job: TestJob) => {
    await eventually("nothing is left", () => processesOf(job.folder).length === 0);
    expect(await containersOf(lab, job)).toEqual([]);
  };

  it("find each other, and each has its log", async () => {
    const job = place("barrier", python(BARRIER));
    expect(await job.run(), job.read(CONTROL_LOG)).toMatchObject({ exitCode: 0 });
    for (const rank of [0, 1, 2]) expect(job.read(rankLog(rank))).toBe("sum 3\n");
    await nothingIsLeft(job);
  });

  it("end with the code of the rank that failed, and have their time to finish", async () => {
    const job = place("fails", python(exceptRank(1, "sys.exit('broken')", POLITE)));
    await job.launch();
    await ready(job, 0, 2);
    writeFileSync(join(job.folder, "go"), "");
    expect(await job.ended()).toMatchObject({ exitCode: 1, rank: { number: 1, node: "node-1", lines: ["broken"] } });
    for (const rank of [0, 2]) expect(job.read(rankLog(rank))).toBe("ready\nleaving\n");
    await nothingIsLeft(job);
  });

  it("are killed when they do not listen to the failure of one", async () => {
    const job = place("stubborn", { limits: { graceSeconds: 0.3 }, ...python(exceptRank(1, "sys.exit(7)", STUBBORN)) });
    await job.launch();
    await ready(job, 0, 2);
    writeFileSync(join(job.folder, "go"), "");
    expect(await job.ended()).toMatchObject({ exitCode: 7, rank: { number: 1 } });
    await nothingIsLeft(job);
  });

  it("are stopped together", async () => {
    const job = place("stopped", python(POLITE));
    await job.launch();
    await ready(job, 0, 1, 2);
    await site.supervise("stop", job.folder, "30", "canceled");
    expect(await job.ended()).toMatchObject({ because: "canceled" });
    for (const rank of [0, 1, 2]) expect(job.read(rankLog(rank))).toBe("ready\nleaving\n");
    await nothingIsLeft(job);
  });

  it("need the image to have mpirun, and one machine for now", async () => {
    const job = place("mpi", { communicator: "mpi", ...python("print(1)") });
    expect(await job.run()).toMatchObject({ exitCode: null, because: "launcher_missing" });
    for (const log of [CONTROL_LOG, rankLog(0)]) expect(job.read(log)).toMatch(/mpirun not found in the image, /);
    site.variables.SWITCHYARD_PLACEMENT = "srun";
    const several = place("several", python("print(1)"));
    expect(await several.run()).toMatchObject({ because: "placement_failed" });
    expect(readFileSync(join(several.attempt(), CONTROL_LOG), "utf8")).toContain("containers on several machines");
  });
});
