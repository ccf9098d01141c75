import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
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

  it("writes nothing when the workspace does not exist", async () => {
    const getWorkspace = async () => {
      throw Object.assign(new Error('There is no workspace "vision".'), { code: "not_found" });
    };
    const { code } = await runCli(["folder", "attach", "-w", "vision"], { cwd: folder, api: { getWorkspace } });
    expect(code).toBe(3);
    expect(await readdir(folder)).toEqual([]);
  });
});
