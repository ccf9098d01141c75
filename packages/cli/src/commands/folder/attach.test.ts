import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCli } from "../../../test/fakes.ts";
import { projectLink } from "../../project/link.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "switchyard-attach-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("folder attach", () => {
  it("writes the link, the templates and an ignore file, without a server", async () => {
    const { code, stdout } = await runCli(["folder", "attach", "-e", "mnist"], { cwd: folder });
    expect(code).toBe(0);
    expect((await readdir(join(folder, ".azureml"))).sort()).toEqual([
      "conda_dependencies.yml",
      "config.json",
      "docker.runconfig",
      "local.runconfig",
    ]);
    expect(await projectLink(folder)).toEqual({ workspace: "default", experiment: "mnist" });
    // Any Python will do: a version that this machine lacks could not be built here without conda.
    expect(await readFile(join(folder, ".azureml/conda_dependencies.yml"), "utf8")).toContain("\n- python\n");
    expect(JSON.parse(stdout)).toMatchObject({ experimentName: "mnist", kept: [] });
  });

  it("never overwrites without saying", async () => {
    await writeFile(join(folder, ".amlignore"), "mine\n");
    const { stderr, stdout } = await runCli(["project", "attach"], { cwd: folder });
    expect(stderr).toContain("Kept as they are: .amlignore");
    expect(JSON.parse(stdout).kept).toEqual([".amlignore"]);
    expect(await readFile(join(folder, ".amlignore"), "utf8")).toBe("mine\n");
    await runCli(["folder", "attach", "--overwrite"], { cwd: folder });
    expect(await readFile(join(folder, ".amlignore"), "utf8")).toContain("outputs");
  });

  it("changes the link where -e or -w says so, and keeps what was edited", async () => {
    const attach = async (...argv: string[]) => {
      const { code, stdout } = await runCli(["folder", "attach", ...argv], { cwd: folder, api: { getWorkspace: async () => ({}) } });
      expect(code).toBe(0);
      return JSON.parse(stdout);
    };
    await attach("-e", "mnist");
    const edited = join(folder, ".azureml/local.runconfig");
    await writeFile(edited, "script: mine.py\n");
    expect(await attach("-e", "cifar")).toMatchObject({ written: [".azureml/config.json"], kept: [".azureml/local.runconfig"] });
    expect(await attach("-w", "vision")).toMatchObject({ written: [".azureml/config.json"] });
    expect(await projectLink(folder)).toEqual({ workspace: "vision", experiment: "cifar" });
    expect(await attach()).toMatchObject({ workspace: "vision", experimentName: "cifar", written: [] });
    expect(await attach("--overwrite")).toMatchObject({ experimentName: "cifar", written: [".azureml/local.runconfig"] });
    expect(await projectLink(folder)).toEqual({ workspace: "vision", experiment: "cifar" });
  });

  it("keeps what older clients wrote beside the link", async () => {
    await mkdir(join(folder, ".azureml"));
    const file = join(folder, ".azureml/config.json");
    await writeFile(file, JSON.stringify({ subscription_id: "s", workspace_name: "w" }));
    await runCli(["folder", "attach", "-e", "mnist"], { cwd: folder });
    expect(JSON.parse(await readFile(file, "utf8"))).toEqual({ subscription_id: "s", workspace_name: "w", experiment_name: "mnist" });
  });

  it.each([
    [["-e", "no spaces"], '"no spaces" cannot be the name of an experiment'],
    [["--path", "nowhere"], 'nowhere" does not exist'],
  ])("refuses %j and writes nothing", async (argv, words) => {
    const { code, stderr } = await runCli(["folder", "attach", ...argv], { cwd: folder });
    expect(code).toBe(2);
    expect(stderr).toContain(words);
    expect(await readdir(folder)).toEqual([]);
  });

  it("writes nothing when the workspace does not exist", async () => {
    const getWorkspace = async () => {
      throw Object.assign(new Error('There is no workspace "vision".'), { code: "not_found" });
    };
    const { code } = await runCli(["folder", "attach", "-w", "vision"], { cwd: folder, api: { getWorkspace } });
    expect(code).toBe(3);
    expect(await readdir(folder)).toEqual([]);
  });
});
