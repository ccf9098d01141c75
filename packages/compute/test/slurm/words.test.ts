import type { Observation } from "@switchyard/compute";
import { ComputeUnreachable, DiskFull, JobRejected } from "@switchyard/protocol";
import { describe, expect, it } from "vitest";
import type { Look } from "../../src/site/look.ts";
import type { CommandResult, Site } from "../../src/site/site.ts";
import { parsePartitions } from "../../src/slurm/checkSlurm.ts";
import { cameTooLate, complaintOf } from "../../src/slurm/commands.ts";
import { expandHostList } from "../../src/slurm/hostList.ts";
import { inWords, type SlurmJob } from "../../src/slurm/jobStates.ts";
import { JobTable, parseJobs } from "../../src/slurm/jobTable.ts";
import { sbatchOptions } from "../../src/slurm/sbatchOptions.ts";
import { parseNodes, stateOf } from "../../src/slurm/slurmCluster.ts";
import { submissionError } from "../../src/slurm/submission.ts";
import { whereabouts } from "../../src/slurm/whereabouts.ts";
import { bundleOf } from "../../src/testing/index.ts";

const jobIn = (state: string, reason: string | null = null, nodeList: string | null = "n[2-3]"): SlurmJob => ({
  id: "17",
  name: "switchyard-j",
  state,
  reason,
  nodeList,
});

describe("what Slurm prints", () => {
  it("gives jobs, whatever is in a reason", () => {
    const text =
      "17|a|PENDING||Resources\n18|b|RUNNING|n[1-2]|None\n19|c|CANCELLED by 1000|None assigned\n\nnoise\n20_1|d|RUNNING|n1|\n21|e|PENDING||(a|b)\n";
    expect(parseJobs(text)).toEqual([
      { id: "17", name: "a", state: "PENDING", reason: "Resources", nodeList: null },
      { id: "18", name: "b", state: "RUNNING", reason: "None", nodeList: "n[1-2]" },
      { id: "19", name: "c", state: "CANCELLED", reason: null, nodeList: null },
      { id: "21", name: "e", state: "PENDING", reason: "(a|b)", nodeList: null },
    ]);
  });

  it.each([
    ["n1", ["n1"]],
    ["n[1-3,07],login", ["n1", "n2", "n3", "n07", "login"]],
    ["gpu[08-11]", ["gpu08", "gpu09", "gpu10", "gpu11"]],
    ["r[0-1]n[1-2]x,a-b", ["r0n1x", "r0n2x", "r1n1x", "r1n2x", "a-b"]],
    ["", []],
    ["n[5-3]", ["n5-3"]],
  ])("expands the node list %s", (list, names) => {
    expect(expandHostList(list)).toEqual(names);
  });

  it("gives partitions", () => {
    expect(parsePartitions("main*|up|3\nold|down|0\n")).toEqual([
      { name: "main", isDefault: true, availability: "up", nodes: 3 },
      { name: "old", isDefault: false, availability: "down", nodes: 0 },
    ]);
  });

  it("gives nodes with their reasons", () => {
    const text = `NodeName=n1 Arch=x86_64 CoresPerSocket=1 NodeAddr=10.0.0.1 NodeHostName=n1 Version=22.05.8 OS=Linux #1 SMP State=MIXED ThreadsPerCore=1 Partitions=main,urgent BootTime=None
NodeName=n2 NodeAddr=n2 State=DOWN*+DRAIN Partitions=main Reason=bad disk, [see ticket] please [root@2026-01-31T10:00:00]
NodeName=c1 NodeAddr=c1 State=IDLE+CLOUD+POWERED_DOWN Partitions=cloud Comment=(null)`;
    expect(parseNodes(text)).toEqual([
      { name: "n1", state: "running", words: "mixed", address: "10.0.0.1", because: null, partitions: ["main", "urgent"] },
      {
        name: "n2",
        state: "unusable",
        words: "down*, drain",
        address: "n2",
        because: "bad disk, [see ticket] please",
        partitions: ["main"],
      },
      { name: "c1", state: null, words: "idle, cloud, powered_down", address: "c1", because: null, partitions: ["cloud"] },
    ]);
  });

  it.each([
    ["IDLE", "idle"],
    ["IDLE+PLANNED", "idle"],
    ["ALLOCATED", "running"],
    ["MIXED+DRAIN", "running"],
    ["IDLE+COMPLETING", "running"],
    ["IDLE+DRAIN", "unusable"],
    ["DOWN", "unusable"],
    ["IDLE*", "unusable"],
    ["ALLOCATED+CLOUD+POWERING_UP", "preparing"],
    ["MIXED+CLOUD+NOT_RESPONDING+POWERING_UP", "preparing"],
    ["IDLE+CLOUD+POWERING_DOWN", "leaving"],
    ["IDLE+CLOUD+POWERED_DOWN", null],
  ])("calls a node in state %s %s", (text, state) => {
    expect(stateOf(text)).toBe(state);
  });

  it.each([
    [
      "sbatch: error: invalid partition specified: nope\nsbatch: error: Batch job submission failed: Invalid partition name specified\n",
      JobRejected,
    ],
    ["sbatch: error: Batch job submission failed: Requested time limit is invalid (missing or exceeds some limit)\n", JobRejected],
    ["sbatch: error: Batch job submission failed: Invalid account or account/partition combination specified\n", JobRejected],
    ["sbatch: error: Batch job submission failed: Invalid qos specification\n", JobRejected],
    ["sbatch: error: Batch job submission failed: Something new\n", JobRejected],
    ["sbatch: error: Batch job submission failed: Unable to contact slurm controller (connect failure)\n", ComputeUnreachable],
    ["sbatch: error: Batch job submission failed: Socket timed out on send/recv operation\n", ComputeUnreachable],
    [
      "sbatch: error: If munged is up, restart with --num-threads=10\nsbatch: error: Batch job submission failed: Protocol authentication error\n",
      ComputeUnreachable,
    ],
    ["switchyard: cannot write to /x/.switchyard: is the disk full?\n", DiskFull],
  ])("tells from %j whose fault it is", (stderr, kind) => {
    const error = submissionError("job-1", { code: 1, stdout: "", stderr }, { partition: "nope" });
    expect(error).toBeInstanceOf(kind);
    expect(error.message).toContain("job-1");
  });

  it("is told in one line", () => {
    const stderr =
      "sbatch: error: invalid partition specified: nope\nsbatch: error: Batch job submission failed: Invalid partition name specified\n";
    expect(complaintOf({ code: 1, stdout: "", stderr })).toBe(
      "invalid partition specified: nope. Batch job submission failed: Invalid partition name specified",
    );
    expect(complaintOf({ code: 9, stdout: "", stderr: "" })).toBe("exit code 9");
  });

  it.each([
    [true, 1, "scancel: error: Kill job error on job id 5: Invalid job id specified\n"],
    [true, 229, ""], // to a job that completes, scancel says nothing
    [false, 228, "scancel: error: Kill job error on job id 2: Job can not be altered now, try again later\n"],
    [false, 1, "scancel: error: Unable to contact slurm controller (connect failure)\n"],
  ])("says that scancel came too late: %s, exit code %i", (late, code, stderr) => {
    expect(cameTooLate({ code, stdout: "", stderr })).toBe(late);
  });

  it.each([
    ["Resources", "Slurm job 17 waits for free nodes (Resources)"],
    [
      "ReqNodeNotAvail, UnavailableNodes:n1",
      "Slurm job 17 waits for nodes that are down, drained or reserved (ReqNodeNotAvail, UnavailableNodes:n1)",
    ],
    ["QOSMaxJobsPerUserLimit", "Slurm job 17 waits for a limit of its account or QOS (QOSMaxJobsPerUserLimit)"],
    [
      "launch failed requeued held",
      "Slurm job 17 is held because Slurm could not start it; see why with scontrol show job, then scontrol release (launch failed requeued held)",
    ],
    ["SomethingNew", "Slurm job 17 waits (SomethingNew)"],
    ["None", "Slurm job 17 is new"],
  ])("has words for the reason %s", (reason, words) => {
    expect(inWords(jobIn("PENDING", reason))).toBe(words);
  });
});

describe("asking about jobs", () => {
  /** A machine where Slurm's commands answer as they do there. */
  const siteThatSays = (answers: Record<string, Partial<CommandResult> | undefined>) => {
    const asked: string[] = [];
    const run = async (argv: readonly string[]): Promise<CommandResult> => {
      const command = argv.find((word) => word in answers) ?? "";
      asked.push(command);
      const answer = answers[command];
      if (answer === undefined) throw new ComputeUnreachable(`Cannot run ${command} on this machine.`);
      return { code: 0, stdout: "", stderr: "", ...answer };
    };
    return { site: { run } as unknown as Site, asked };
  };
  const signal = AbortSignal.timeout(10_000);
  const states = async (table: JobTable, ...ids: string[]) =>
    [...(await table.find(ids, signal)).values()].map((job) => `${job.id} ${job.state}`);

  it("asks accounting only about what the controller has forgotten", async () => {
    const { site, asked } = siteThatSays({ squeue: { stdout: "1|x|RUNNING|n1|None\n" }, sacct: { stdout: "2|y|NODE_FAIL|n1\n" } });
    expect(await states(new JobTable(site), "1", "2")).toEqual(["1 RUNNING", "2 NODE_FAIL"]);
    expect(await states(new JobTable(site), "1")).toEqual(["1 RUNNING"]);
    expect(asked).toEqual(["squeue", "sacct", "squeue"]);
  });

  it("does not believe accounting that a job lives of which the controller knows nothing", async () => {
    const { site } = siteThatSays({ squeue: {}, sacct: { stdout: "1|x|RUNNING|n1\n2|y|PENDING|\n3|z|TIMEOUT|n1\n" } });
    expect(await states(new JobTable(site), "1", "2", "3")).toEqual(["3 TIMEOUT"]);
  });

  it.each<[string, Partial<CommandResult> | undefined]>([
    ["off", { code: 1, stderr: "Slurm accounting storage is disabled\n" }],
    ["down", { code: 1, stderr: "sacct: error: Problem talking to the database: Connection refused\n" }],
    ["not installed", undefined],
  ])("does without accounting that is %s, and leaves it alone for a while", async (_, answer) => {
    const invalid = { code: 1, stderr: "slurm_load_jobs error: Invalid job id specified\n" };
    const { site, asked } = siteThatSays({ squeue: invalid, sacct: answer });
    const table = new JobTable(site);
    expect(await states(table, "1")).toEqual([]);
    expect(await states(table, "1")).toEqual([]);
    expect(asked).toEqual(["squeue", "sacct", "squeue"]);
  });

  it("does not take a silent controller for one that knows nothing", async () => {
    const down = { code: 1, stderr: "slurm_load_jobs error: Unable to contact slurm controller (connect failure)\n" };
    await expect(states(new JobTable(siteThatSays({ squeue: down }).site), "1")).rejects.toThrow(ComputeUnreachable);
    const missing = { code: 127, stderr: "env: 'squeue': No such file or directory\n" };
    await expect(states(new JobTable(siteThatSays({ squeue: missing }).site), "1")).rejects.toThrow(/no squeue on its PATH/);
  });
});

describe("the options of sbatch", () => {
  const optionsOf = (options: Parameters<typeof bundleOf>[0], settings: Parameters<typeof sbatchOptions>[2], directory = "/s/jobs/j") =>
    sbatchOptions(bundleOf(options).job, directory, settings);

  it("ask for nodes, time and devices", () => {
    const options = optionsOf(
      { runId: "run_1", maxSeconds: 90, graceSeconds: 30, job: { nodes: 4, processesPerNode: 2 } },
      {
        partition: "gpu",
        account: "lab",
        qos: "high",
        cpusPerNode: 16,
        gpusPerNode: 2,
        memoryMegabytesPerNode: 2048,
        exclusive: true,
        options: ["--reservation=x"],
      },
    );
    expect(options).toEqual(
      expect.arrayContaining(["--nodes=4", "--ntasks-per-node=2", "--partition=gpu", "--account=lab", "--qos=high", "--cpus-per-task=8"]),
    );
    expect(options).toEqual(
      expect.arrayContaining(["--mem=2048M", "--gres=gpu:2", "--time=3", "--signal=B:USR1@35", "--requeue", "--exclusive"]),
    );
    expect(options).toContain("--comment=Switchyard run run_1");
    expect(options.at(-1)).toBe("--reservation=x");
  });

  it("leave room for an environment, and the time open when the run has no limit", () => {
    const environment = {
      kind: "system",
      name: "azureml_x",
      conda: "",
      requirements: null,
      whyNotPip: null,
      python: null,
      mayBuild: true,
    } as const;
    expect(optionsOf({ maxSeconds: 60, graceSeconds: 0, environment }, {})).toContain("--time=16");
    expect(optionsOf({}, {}).filter((option) => option.startsWith("--time"))).toEqual([]);
  });

  it("keep a % in the path from being one of Slurm's own", () => {
    expect(optionsOf({}, {}, "/s/100%j/jobs/j")).toContain("--output=/s/100%%j/jobs/j/.switchyard/slurm.txt");
  });
});

describe("where a job is", () => {
  const seen: Observation = { jobId: "j", attempt: 1, grown: [], phase: "waiting" };
  const look = (standing: Look["standing"], observation: Observation = seen): Look => ({ standing, observation, complaint: null });
  const exited = (because: string | null, exitCode: number | null = null) =>
    look({ phase: "exited", exitCode, because }, { ...seen, phase: "exited", exitCode, ...(because === null ? {} : { because }) });
  const unclaimed = look({ phase: "unclaimed" }, { ...seen, attempt: 0 });
  const elsewhere = look({ phase: "abandoned", attempt: 1, started: true }, { ...seen, phase: "running", node: "login" });
  const preparing = look({ phase: "abandoned", attempt: 1, started: false });
  const gone = look({ phase: "missing" }, { ...seen, attempt: 0, phase: "missing" });

  it.each<[string, Look, SlurmJob | null, object, object | undefined]>([
    ["waits in the queue", unclaimed, jobIn("PENDING", "Resources", null), { phase: "waiting", because: /free nodes/ }, undefined],
    ["waits for its nodes", unclaimed, jobIn("CONFIGURING"), { phase: "waiting", because: /powered up/ }, undefined],
    ["begins", unclaimed, jobIn("RUNNING"), { phase: "waiting", because: /prepares its environment on n\[2-3\]/ }, undefined],
    ["prepares on a node whose processes cannot be seen", preparing, jobIn("RUNNING"), { phase: "waiting" }, undefined],
    ["runs on a node whose processes cannot be seen", elsewhere, jobIn("RUNNING"), { phase: "running", node: "n2" }, undefined],
    ["runs while Slurm tidies up", elsewhere, jobIn("COMPLETING"), { phase: "running" }, undefined],
    ["is in a state of a newer Slurm", elsewhere, jobIn("TELEPORTING"), { phase: "running" }, undefined],
    ["ended by itself, whatever Slurm thinks", exited(null, 0), jobIn("RUNNING"), { phase: "exited", exitCode: 0 }, undefined],
    ["ended and was forgotten", exited(null, 3), null, { phase: "exited", exitCode: 3 }, undefined],
    [
      "waits to begin again",
      exited("preempted"),
      jobIn("PENDING", "BeginTime", null),
      { phase: "waiting", because: /goes first$/ },
      undefined,
    ],
    ["begins again", exited("node_lost"), jobIn("RUNNING"), { phase: "waiting", because: /lost a node$/ }, undefined],
    ["was preempted for good", exited("preempted"), jobIn("PREEMPTED"), { phase: "exited", because: "preempted" }, undefined],
    ["was preempted and forgotten", exited("preempted"), null, { phase: "exited", because: "preempted" }, undefined],
    [
      "was canceled before it began again",
      exited("preempted"),
      jobIn("CANCELLED", null, null),
      { phase: "waiting" },
      { kind: "close", attempt: 2, reason: "canceled" },
    ],
    [
      "was canceled before it began",
      unclaimed,
      jobIn("CANCELLED", null, null),
      { phase: "waiting" },
      { kind: "close", attempt: null, reason: "canceled" },
    ],
    ["could not begin", unclaimed, jobIn("FAILED"), { phase: "waiting" }, { kind: "close", attempt: null, reason: "not_started" }],
    [
      "had nodes that did not boot",
      unclaimed,
      jobIn("BOOT_FAIL"),
      { phase: "waiting" },
      { kind: "close", attempt: null, reason: "node_lost" },
    ],
    ["died of memory", elsewhere, jobIn("OUT_OF_MEMORY"), { phase: "running" }, { kind: "finish", attempt: 1, reason: "out_of_memory" }],
    ["died with its node", elsewhere, jobIn("NODE_FAIL"), { phase: "running" }, { kind: "finish", attempt: 1, reason: "node_lost" }],
    [
      "died at its deadline while it prepared",
      preparing,
      jobIn("DEADLINE"),
      { phase: "waiting" },
      { kind: "finish", attempt: 1, reason: "time_limit" },
    ],
    [
      "left no end that can be seen",
      elsewhere,
      jobIn("COMPLETED"),
      { phase: "running" },
      { kind: "finish", attempt: 1, reason: "unknown" },
    ],
    ["still has a process here", look({ phase: "running" }), jobIn("NODE_FAIL"), { phase: "running" }, undefined],
    ["is known to nobody", elsewhere, null, { phase: "missing" }, undefined],
    ["is known to nobody and never began", unclaimed, null, { phase: "missing" }, undefined],
    ["has lost its directory, and Slurm forgot it", gone, null, { phase: "missing" }, undefined],
    ["has lost its directory and is over", gone, jobIn("COMPLETED"), { phase: "missing" }, undefined],
    ["has lost its directory and runs", gone, jobIn("RUNNING"), { phase: "waiting" }, undefined],
    [
      "cannot be read",
      look({ phase: "unreadable" }, { ...seen, because: "no permission" }),
      null,
      { phase: "waiting", because: /no permission/ },
      undefined,
    ],
  ])("%s", (_, looked, job, observation, remedy) => {
    const found = whereabouts(looked, job);
    const { because, ...rest } = observation as { because?: RegExp | string };
    expect(found.observation).toMatchObject(rest);
    if (because !== undefined) expect((found.observation as { because?: string }).because).toMatch(because);
    expect(found.remedy).toEqual(remedy);
  });
});
