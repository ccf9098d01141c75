import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fakeRun, runCli } from "../../test/fakes.ts";
import { COMMANDS } from "../commands/index.ts";

const api = {
  listRuns: async () => ({ items: [fakeRun({ runId: "mnist_1" }), fakeRun({ runId: "mnist_2", status: "Failed" })], next: null }),
  listTargets: async () => [{ name: "local", type: "local" }, { name: "gpu-box", type: "remote" }], // biome-ignore format: short
  listExperiments: async () => ({ items: [{ name: "mnist", runs: 3 }], next: null }),
  listModels: async () => ({ items: [{ name: "digits" }, { name: "digits" }], next: null }),
  listDatastores: async () => [{ name: "workspaceblobstore" }],
  listEnvironments: async () => [{ name: "sklearn", version: "2" }],
};

/** What is offered for the last word. */
async function offered(words: readonly string[], options: Parameters<typeof runCli>[1] = { api }): Promise<string[]> {
  const { code, stdout, stderr } = await runCli(["__complete", "--", ...words], options);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split("\t")[0]!);
}

describe("completion", () => {
  it.each([
    [["su"], ["submit"]],
    [
      ["run", "download"],
      ["download", "download-logs"],
    ],
    [["-o", "json", "run", "monitor-l"], ["monitor-logs"]],
    [["run", "list", "--par"], ["--parent-run-id"]],
    [["run", "list", "--status", "Failed", "--wor"], ["--workspace-name"]],
    [
      ["computetarget", "amlcompute", "identity", ""],
      ["assign", "remove", "show"],
    ],
    [
      ["run", "list", "-o", "t"],
      ["table", "tsv"],
    ],
    [["computetarget", "create", "amlcompute", "--vm-priority", "de"], ["dedicated"]],
    [["computetarget", "create", "amlcompute", "--vm-priority", "=", "de"], ["dedicated"]],
    [
      ["run", "list", "--status", "Can"],
      ["CancelRequested", "Canceled"],
    ],
    [["ml", "experiment", "s"], ["show"]],
    [["az", "ml", "experiment", "s"], ["show"]],
    [["az", "acc"], ["account"]],
  ])("of %j", async (words, expected) => {
    expect(await offered(words)).toEqual(expected);
  });

  it.each([
    [
      ["run", "show", "-r", "mn"],
      ["mnist_1", "mnist_2"],
    ],
    [["run", "show", "mnist_2"], ["mnist_2"]],
    [
      ["run", "cancel", "--run", "=", ""],
      ["mnist_1", "mnist_2"],
    ],
    [["submit", "--target", "g"], ["gpu-box"]],
    [
      ["computetarget", "show", "-n", ""],
      ["local", "gpu-box"],
    ],
    [["computetarget", "create", "amlcompute", "-n", ""], []],
    [["submit", "-e", ""], ["mnist"]],
    [["submit", "--environment", ""], ["sklearn"]],
    [["environment", "show", "-n", "s"], ["sklearn"]],
    [["model", "show", "-n", "d"], ["digits"]],
    [["datastore", "show", "-n", "w"], ["workspaceblobstore"]],
    [["submit", "tr"], [":files"]],
    [["submit", "train.py", "--da"], []],
    [["submit", "-d", ""], [":files"]],
  ])("of values: %j", async (words, expected) => {
    expect(await offered(words)).toEqual(expected);
  });

  it("tells what a word is about, and offers an option once", async () => {
    const { stdout } = await runCli(["__complete", "--", "run", "show", "-r", ""], { api });
    expect(stdout).toContain("mnist_2\tFailed\n");
    expect(await offered(["run", "list", "--last", "3", "--la"])).toEqual([]);
    expect(await offered(["submit", "--tag", "a", "--ta"])).toEqual(["--target", "--tag"].sort());
  });

  it("knows run configurations of the folder that --path names", async () => {
    const folder = await mkdtemp(join(tmpdir(), "switchyard-completion-"));
    await mkdir(join(folder, ".azureml"));
    await writeFile(join(folder, ".azureml", "gpu.runconfig"), "");
    expect(await offered(["run", "submit-script", "--path", folder, "-c", "g"])).toEqual(["gpu"]);
    await rm(folder, { recursive: true });
  });

  it("never starts a server, and offers no values when none answers", async () => {
    const asked: unknown[] = [];
    const connect = async (options: { start: boolean }) => {
      asked.push(options.start);
      throw new Error("No server runs");
    };
    expect(await offered(["run", "show", "-r", ""], { sdk: { connect } })).toEqual([]);
    expect(asked).toEqual([false]);
  });

  it("waits a moment for a server that is slow to answer, or as long as SWITCHYARD_COMPLETION_SECONDS says", async () => {
    const slow = { ...api, listRuns: () => new Promise((answer) => setTimeout(() => answer(api.listRuns()), 300)) };
    const words = ["run", "show", "-r", ""];
    expect(await offered(words, { api: slow as never, env: { SWITCHYARD_COMPLETION_SECONDS: "0.01" } })).toEqual([]);
    expect(await offered(words, { api: slow as never, env: { SWITCHYARD_COMPLETION_SECONDS: "100" } })).toEqual(["mnist_1", "mnist_2"]);
  });

  it("offers every command by its words", async () => {
    for (const name of Object.keys(COMMANDS)) {
      const words = name.split(" ");
      expect(await offered([...words.slice(0, -1), words.at(-1)!.slice(0, -1)]), name).toContain(
        words[0] === "az" && words.length === 1 ? "" : words.at(-1),
      );
    }
  });
});
