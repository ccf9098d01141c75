import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fakeRun, runCli } from "../../../test/fakes.ts";

const person = { terminal: true, env: { NO_COLOR: "1" } };

describe("run list", () => {
  /** A server with 2,500 runs that remembers what it was asked. */
  function server() {
    const asked: Record<string, unknown>[] = [];
    const listRuns = async ({ query }: { query: { limit: number; after?: string } & Record<string, unknown> }) => {
      asked.push(query);
      const from = Number(query.after ?? 0);
      const to = Math.min(2500, from + query.limit);
      const items = Array.from({ length: to - from }, (_, i) => fakeRun({ runId: `run_${from + i}` }));
      return { items, next: to < 2500 ? String(to) : null };
    };
    return { asked, api: { listRuns } };
  }

  it("asks for the last 10, newest first", async () => {
    const { asked, api } = server();
    const { stdout } = await runCli(["run", "list"], { api });
    expect(JSON.parse(stdout)).toHaveLength(10);
    expect(asked).toEqual([{ limit: 10, includeChildren: false }]);
  });

  it("reads as many pages as --last needs", async () => {
    const { asked, api } = server();
    const { stdout } = await runCli(["run", "list", "--last", "2100", "--query", "length(@)", "-o", "tsv"], { api });
    expect(stdout).toBe("2100\n");
    expect(asked.map(({ limit }) => limit)).toEqual([1000, 1000, 100]);
  });

  it("passes every filter on", async () => {
    const { asked, api } = server();
    const filters = [
      "--status",
      "failed,RUNNING",
      "--parent-run-id",
      "p",
      "--ct",
      "gpu",
      "--tag",
      "a=b",
      "--tag",
      "c",
      "--property",
      "x=y",
    ];
    await runCli(["run", "list", "-e", "mnist", ...filters, "--where", "metrics.loss < 1", "--order=-metrics.loss"], { api });
    expect(asked[0]).toEqual({
      limit: 10,
      experiment: "mnist",
      status: "Failed,Running",
      parent: "p",
      includeChildren: true,
      target: "gpu",
      tag: ["a=b", "c"],
      property: ["x=y"],
      where: "metrics.loss < 1",
      order: "-metrics.loss",
    });
  });

  it("keeps to the experiment of the folder, unless another or --all is asked for", async () => {
    const cwd = await mkdtemp(join(tmpdir(), "switchyard-list-"));
    try {
      await runCli(["folder", "attach", "-e", "mnist"], { cwd });
      const { asked, api } = server();
      for (const words of [[], ["-e", "cifar"], ["--all"]]) await runCli(["run", "list", ...words], { api, cwd });
      expect(asked.map(({ experiment }) => experiment)).toEqual(["mnist", "cifar", undefined]);
      expect(await runCli(["run", "list", "--all", "-e", "cifar"], { api, cwd })).toMatchObject({ code: 2 });
    } finally {
      await rm(cwd, { recursive: true });
    }
  });

  it("names the nearest status", async () => {
    const { code, stderr } = await runCli(["run", "list", "--status", "Complete"], { api: server().api });
    expect(code).toBe(2);
    expect(stderr).toContain("Did you mean Completed?");
  });

  it("shows an empty list to a person in words, to a program as []", async () => {
    const api = { listRuns: async () => ({ items: [], next: null }) };
    expect((await runCli(["run", "list"], { api, ...person })).stdout).toBe("Nothing to show.\n");
    expect((await runCli(["run", "list"], { api })).stdout).toBe("[]\n");
    expect((await runCli(["run", "list", "-o", "table"], { api })).stdout).toBe("");
  });
});

describe("commands about one run", () => {
  it("take its id as a word or with -r, but not two", async () => {
    const api = { getRun: async ({ params }: { params: { runId: string } }) => fakeRun({ runId: params.runId }) };
    for (const argv of [["R"], ["-r", "R"], ["--run", "R"], ["-r", "R", "-e", "mnist"]]) {
      expect(JSON.parse((await runCli(["run", "show", ...argv], { api })).stdout).runId).toBe("R");
    }
    const table = await runCli(["run", "show", "-r", "R", "-o", "table"], { api });
    expect(table.stdout.split("\n")[0]).toMatch(/^RunId +Experiment +Status +Target +Started +Duration +Metrics *$/);
    const two = await runCli(["run", "show", "-r", "R", "S"], { api });
    expect(two).toMatchObject({ code: 2 });
    expect(two.stderr).toContain("Two runs are named");
  });

  it("tells a person what a cancel does, and that there is nothing to cancel", async () => {
    const cancelRun = async ({ body }: { body: { graceSeconds: number } }) =>
      fakeRun({ endTimeUtc: null, cancelRequestedUtc: "2026-11-21T09:00:00.000Z", description: String(body.graceSeconds) });
    const going = await runCli(["run", "cancel", "-r", "R", "--grace", "2m"], { api: { cancelRun }, ...person });
    expect(going.stdout).toContain("Canceling mnist_1763719200_0badcafe. Its logs and outputs stay.");
    const over = await runCli(["run", "cancel", "-r", "R"], { api: { cancelRun: async () => fakeRun() }, ...person });
    expect(over.stdout).toContain("is over (Completed)");
  });

  it("explains why with hints, last lines and the timeline", async () => {
    const whyRun = async () => ({
      runId: "R",
      status: "Failed",
      summary: "The script ended with exit code 3.",
      hints: ["Install torch."],
      lastLines: [{ file: "azureml-logs/80_driver_log.txt", lines: ["ImportError: torch"] }],
      timeline: [{ at: "2026-11-21T09:00:00.000Z", attempt: 1, what: "started", detail: null }],
    });
    const { stdout } = await runCli(["run", "why", "R"], { api: { whyRun }, ...person });
    for (const part of ["R  Failed", "exit code 3", "- Install torch.", "  ImportError: torch", "started (attempt 1)"])
      expect(stdout).toContain(part);
    const summary = "x".repeat(100);
    const long = { whyRun: async () => ({ ...(await whyRun()), summary }) };
    const table = (await runCli(["run", "why", "R", "-o", "table"], { api: long })).stdout.split("\n");
    expect(table[2]).toMatch(new RegExp(`summary +${summary}$`));
    expect((await runCli(["run", "why", "R", "-o", "tsv"], { api: long })).stdout).toContain(summary);
  });

  it("changes tags only when there is something to change", async () => {
    const bodies: unknown[] = [];
    const updateRun = async ({ body }: { body: unknown }) => {
      bodies.push(body);
      return fakeRun();
    };
    await runCli(["run", "update", "-r", "R", "--add-tag", "best", "--add-tag", "team=a", "--remove-tag", "old"], { api: { updateRun } });
    expect(bodies).toEqual([{ tags: { best: null, team: "a" }, removeTags: ["old"] }]);
    expect(await runCli(["run", "update", "-r", "R"], { api: { updateRun } })).toMatchObject({ code: 2 });
  });

  it("compares exactly two runs", async () => {
    const diffRuns = async () => ({
      a: "mnist_1",
      b: "mnist_2",
      code: [{ path: "train.py", status: "changed", patch: "-old\n+new" }],
      arguments: [{ what: "--epochs", a: "5", b: "6" }],
      environment: [],
      configuration: [],
      metrics: [{ what: "loss", a: 0.5, b: null }],
    });
    const { stdout } = await runCli(["run", "diff", "-r", "A", "B"], { api: { diffRuns }, ...person });
    expect(stdout).toMatch(/changed +train\.py/);
    expect(stdout).toMatch(/What +mnist_1 +mnist_2\n-+ +-+ +-+\n--epochs +5 +6/);
    expect(await runCli(["run", "diff", "-r", "A"], { api: { diffRuns } })).toMatchObject({ code: 2 });
    expect(await runCli(["run", "diff", "A", "B", "C"], { api: { diffRuns } })).toMatchObject({ code: 2 });
  });

  it("runs again with other arguments", async () => {
    const bodies: unknown[] = [];
    const rerunRun = async ({ body }: { body: unknown }) => {
      bodies.push(body);
      return fakeRun();
    };
    await runCli(["run", "rerun", "-r", "R", "--async", "--target", "gpu", "--", "--epochs", "50"], { api: { rerunRun } });
    expect(bodies).toEqual([{ arguments: ["--epochs", "50"], target: "gpu" }]);
  });

  it("shows the points of a series as rows", async () => {
    const readMetric = async () => ({
      name: "loss",
      kind: "number",
      attempt: 1,
      total: 2,
      downsampled: false,
      steps: [0, 1],
      times: [0, 1000],
      values: [0.5, "NaN"],
    });
    const { stdout } = await runCli(["run", "metrics", "-r", "R", "-n", "loss", "-o", "tsv"], { api: { readMetric } });
    expect(stdout).toBe("0\t1970-01-01T00:00:00.000Z\t0.5\n1\t1970-01-01T00:00:01.000Z\tNaN\n");
  });
});
