import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { condaFromFile, condaFromRequirements } from "./conda.ts";
import { experimentFor, experimentNamedAfter, linkWithFile, projectLink } from "./link.ts";
import { findRunConfiguration } from "./runConfiguration.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "switchyard-project-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function write(path: string, content: string): Promise<void> {
  await mkdir(join(folder, path, ".."), { recursive: true });
  await writeFile(join(folder, path), content);
}

describe("the link of a project folder", () => {
  it("is read from .azureml/config.json", async () => {
    await write(".azureml/config.json", JSON.stringify({ workspace_name: "vision", experiment_name: "mnist" }));
    expect(await projectLink(folder)).toEqual({ workspace: "vision", experiment: "mnist" });
    expect(await experimentFor(folder, undefined)).toBe("mnist");
    expect(await experimentFor(folder, "other")).toBe("other");
  });

  it("is read from the older aml_config/project.json", async () => {
    const Scope = "/subscriptions/s/resourceGroups/g/providers/x/workspaces/old/projects/mnist";
    await write("aml_config/project.json", JSON.stringify({ Id: "mnist", Scope }));
    expect(await projectLink(folder)).toEqual({ workspace: "old", experiment: "mnist" });
  });

  it("is read where Workspace.from_config() finds it too, unless the file is another program's", async () => {
    await write("config.json", "{oops");
    expect(await linkWithFile(folder)).toEqual({ link: { workspace: null, experiment: null }, file: null });
    await write("config.json", JSON.stringify({ subscription_id: "s", workspace_name: "vision" }));
    expect(await linkWithFile(folder)).toEqual({ link: { workspace: "vision", experiment: null }, file: "config.json" });
    await write("aml_config/config.json", JSON.stringify({ workspace_name: "older" }));
    expect(await projectLink(folder)).toMatchObject({ workspace: "older" });
  });

  it("says which file is broken", async () => {
    await write(".azureml/config.json", "{oops");
    await expect(projectLink(folder)).rejects.toThrow(/config\.json" is not JSON/);
    await write(".azureml/config.json", "[]");
    await expect(projectLink(folder)).rejects.toThrow("does not hold a JSON object");
  });

  it("makes an experiment name of any folder name", () => {
    expect(["my project", "_x", "Ünï", "a.b", "…"].map((name) => experimentNamedAfter(`/home/${name}`))).toEqual([
      "my-project",
      "x",
      "n",
      "a-b",
      "experiment",
    ]);
  });
});

describe("run configurations", () => {
  it("are found by name, by name with extension and by path, in .azureml first", async () => {
    await write(".azureml/gpu.runconfig", "");
    await write("aml_config/gpu.runconfig", "");
    await write("aml_config/old.runconfig", "");
    await write("elsewhere/x.runconfig", "");
    const find = (name?: string) => findRunConfiguration(folder, name, folder);
    expect(await find("gpu")).toBe(join(folder, ".azureml/gpu.runconfig"));
    expect(await find("gpu.runconfig")).toBe(join(folder, ".azureml/gpu.runconfig"));
    expect(await find("old")).toBe(join(folder, "aml_config/old.runconfig"));
    expect(await find("elsewhere/x")).toBe(join(folder, "elsewhere/x.runconfig"));
    expect(await find(".azureml/gpu.runconfig")).toBe(join(folder, ".azureml/gpu.runconfig"));
    expect(await find()).toBeNull();
    await expect(find("gpuu")).rejects.toThrow("Did you mean gpu?");
  });

  it("need no name when there is a local one", async () => {
    await write(".azureml/local.runconfig", "");
    expect(await findRunConfiguration(folder, undefined, folder)).toBe(join(folder, ".azureml/local.runconfig"));
  });

  it("point to folder attach when there are none", async () => {
    await expect(findRunConfiguration(folder, "gpu", folder)).rejects.toThrow("`switchyard folder attach` writes templates");
  });
});

describe("a requirements file", () => {
  it("becomes conda dependencies, without comments and with joined lines", async () => {
    await write("requirements.txt", "# what we need\nnumpy==2.1 # pinned\n\ntorch \\\n  >=2\n--index-url https://index.example/simple\n");
    expect(await condaFromRequirements(join(folder, "requirements.txt"))).toEqual({
      name: "project_environment",
      dependencies: ["python", "pip", { pip: ["numpy==2.1", "torch >=2", "--index-url https://index.example/simple"] }],
    });
  });

  it("has the lines of the files that it includes, and so has a conda file", async () => {
    await write("base.txt", "azureml-core==1.37.0 # theirs\n-r more.txt\n");
    await write("more.txt", "scipy\n");
    await write("requirements.txt", "numpy\n--requirement base.txt\n");
    const pip = ["numpy", "azureml-core==1.37.0", "scipy"];
    expect(await condaFromRequirements(join(folder, "requirements.txt"))).toMatchObject({ dependencies: ["python", "pip", { pip }] });
    await write("conda.yml", "dependencies:\n- python\n- pip:\n  - '-r requirements.txt' # all\n  - pillow\n");
    expect(await condaFromFile(join(folder, "conda.yml"), () => {})).toMatchObject({
      dependencies: ["python", { pip: [...pip, "pillow"] }],
    });
    await write("more.txt", "-r base.txt\n");
    await expect(condaFromRequirements(join(folder, "requirements.txt"))).rejects.toThrow("includes itself");
  });

  it("may not refer to files that do not travel", async () => {
    await write("requirements.txt", "-c base.txt\n");
    await expect(condaFromRequirements(join(folder, "requirements.txt"))).rejects.toThrow('refers to another file ("-c base.txt")');
    await expect(condaFromRequirements(join(folder, "none.txt"))).rejects.toThrow("does not exist");
  });
});
