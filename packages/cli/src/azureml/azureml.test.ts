import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCli } from "../../test/fakes.ts";
import { findingsOf } from "./finding.ts";
import { lookAtPython, withoutTexts } from "./python.ts";

let project: string;
beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), "switchyard-azureml-"));
});
afterEach(() => rm(project, { recursive: true, force: true }));

async function write(path: string, text: string): Promise<void> {
  const file = join(project, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

/** `level line text` of every finding, of one file when it is named. */
async function look(file?: string): Promise<string[]> {
  const { stdout } = await runCli(["import", "azureml", project, "--dry-run"]);
  const { findings } = JSON.parse(stdout) as { findings: { file: string; line: number | null; level: string; text: string }[] };
  return findings
    .filter((each) => file === undefined || each.file === file)
    .map(({ file: of, line, level, text }) => `${file === undefined ? `${of} ` : ""}${level} ${line ?? "-"} ${text}`);
}

function python(...lines: string[]): string[] {
  const findings = findingsOf("x.py");
  lookAtPython(lines.join("\n"), findings);
  return findings.all.map(({ level, line, text }) => `${level} ${line} ${text}`);
}

describe("what Python files use", () => {
  it("is said of every import, over several lines and under other names", () => {
    expect(
      python("import os, azureml.core", "from azureml.core import (Workspace,", "    Experiment as E)", "from azureml.core import Run"),
    ).toEqual(["works 1 azureml.core", "works 2 azureml.core.Workspace", "works 2 azureml.core.Experiment", "works 4 azureml.core.Run"]);
  });

  it("is missing where a feature comes later, or a kind of compute is refused", () => {
    expect(
      python("from azureml.pipeline.core import Pipeline", "from azureml.core.compute import AksCompute", "import azureml.dataprep"),
    ).toEqual([
      "missing 1 azureml.pipeline.core.Pipeline: Pipelines: not in this version",
      "missing 2 azureml.core.compute.AksCompute: this kind of compute is known and refused",
      "missing 3 azureml.dataprep: Data-preparation engine: not carried over. Use pandas, or a dataset of files",
    ]);
    expect(python("from azureml.core import Nonsense")).toEqual(["missing 1 azureml.core.Nonsense: not among the names that were checked"]);
  });

  it("is followed from a variable to its methods", () => {
    const lines = [
      "from azureml.core import Workspace, Experiment",
      "ws = Workspace.from_config()",
      "x = ws.service_context",
      "y = ws.name",
    ];
    expect(python(...lines)).toContain("missing 3 azureml.core.Workspace.service_context is not here yet");
    expect(python(...lines, "ws = something()", "ws.service_context")).toHaveLength(3);
    const submitted = ["from azureml.core import Experiment", "e = Experiment(ws, 'x')", "run = e.submit(src)", "run.explanation_manager"];
    expect(python(...submitted)).toContain("missing 4 azureml.core.Run.explanation_manager is not here yet");
    expect(python("import azureml.core as c", "ws = c.Workspace.create(name='x')")).toContainEqual(
      expect.stringMatching(/^differs 2 azureml.core.Workspace.create: /),
    );
  });

  it("is not looked for in texts and comments", () => {
    expect(python('"""', "from azureml.core import Workspace", '"""', "# import azureml.core", "x = 'import azureml.core'")).toEqual([]);
    expect(withoutTexts("a = 'it\\'s' + \"b\" # c\nd")).toBe(`a = ${" ".repeat(7)} + ${" ".repeat(3)} ${" ".repeat(3)}\nd`);
  });
});

describe("a project", () => {
  it("is looked at file by file, and bad ones are named with their line while the others go on", async () => {
    await write(
      "aml_config/project.json",
      '{"Id": "mnist", "Scope": "/subscriptions/s/resourceGroups/g/providers/x/workspaces/old/projects/mnist"}',
    );
    await write(
      "aml_config/gpu.runconfig",
      "script: train.py\ntarget: gpu-cluster\ncommunicater: None\nenvironment:\n  python:\n    condaDependenciesFile: none.yml\n",
    );
    await write("aml_config/bad.runconfig", "script: train.py\ntarget: [\n");
    await write("aml_config/conda_dependencies.yml", "name: x\ndependencies:\n- python=3.8\n- pip:\n  - azureml-defaults\n");
    await write("bad.ipynb", '{"cells": [\n {"a": }\n]}');
    await write("short.ipynb", '{"cells": [\n');
    await write("good.ipynb", JSON.stringify({ cells: [{ cell_type: "code", source: ["!az ml run list\n", "%pip install x\n", "from azureml.core import Run\n"] }, { cell_type: "code", source: "!az ml model profile" }] })); // biome-ignore format: short
    const space = "  parameter_space:\n  - {name: --lr, expression: uniform, values: [0, 1]}\n";
    const limits = "primary_metric_name: loss\nprimary_metric_goal: Minimize\nmax_total_runs: 3\n";
    await write("hdconfig.yml", `sampling:\n  type: Random\n${space}policie: {type: BanditPolicy}\n${limits}`);
    await write("hyperdrive.yml", "# a sweep\nsampling:\n  type: random\nprimary_metric_name: a\nmax_total_runs: 3\n");
    await write("broken.yml", "a: [1\nb: 2\n");
    await write("go.sh", "az login\naz ml run submit-script -c \\\n  gpu train.py\n# az ml nothing\naz ml pipeline list\n");
    await write(".amlignore", "*.csv\n");
    const said = await look();
    expect(said).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^broken.yml broken [12] /),
        ".amlignore works - read as it is, in place of .gitignore",
        "aml_config/project.json works - workspace old, experiment mnist",
        "aml_config/gpu.runconfig differs 2 target gpu-cluster: make or attach it here, `switchyard computetarget create|attach` with -n gpu-cluster",
        expect.stringMatching(/^aml_config\/gpu.runconfig differs 3 .*communicater.*did you mean "communicator"/),
        'aml_config/gpu.runconfig broken 6 the conda file "none.yml" does not exist',
        expect.stringMatching(/^aml_config\/bad.runconfig broken \d /),
        expect.stringMatching(/^aml_config\/conda_dependencies.yml differs 5 azureml-defaults: Switchyard's own client/),
        expect.stringMatching(/^aml_config\/conda_dependencies.yml differs 3 Python 3.8: .*micromamba, conda or uv/),
        expect.stringMatching(/^bad.ipynb broken 2 it is not JSON/),
        expect.stringMatching(/^short.ipynb broken [23] it is not JSON/),
        "good.ipynb works 3 cell 1: azureml.core.Run",
        "good.ipynb works 1 cell 1: az ml run list",
        "good.ipynb missing 1 cell 2: az ml model profile: Images and profiles of web services: not in this version",
        "hdconfig.yml works - sweep of 3 runs at most: random sampling, loss",
        expect.stringMatching(/^hdconfig.yml differs 5 .*policie/),
        expect.stringMatching(/^hyperdrive.yml broken 2 .*space is missing/),
        "go.sh works 2 az ml run submit-script",
        "go.sh missing 5 az ml pipeline list: Pipelines: not in this version",
      ]),
    );
  });

  it("is told of the curated environments that are not here, in scripts, notebooks and run configurations", async () => {
    const old = "AzureML-TensorFlow-9.9-GPU";
    const missing = expect.stringContaining(`environment ${old}: not among the curated ones that are here`);
    await write(
      "submit.py",
      `from azureml.core import Environment\nEnvironment.get(ws, "${old}")\nEnvironment.get(ws, 'AzureML-Minimal')\n`,
    );
    await write("other.py", `print("${old}")\n`);
    await write(".azureml/gpu.runconfig", `script: a.py\nenvironment:\n  name: ${old}\n`);
    await write("n.ipynb", JSON.stringify({ cells: [{ cell_type: "code", source: `import azureml.core\nws.environments["${old}"]` }] }));
    expect(await look("submit.py")).toEqual([expect.anything(), missing, "works 3 environment AzureML-Minimal"]);
    expect(await look("other.py")).toEqual([]);
    expect(await look(".azureml/gpu.runconfig")).toContainEqual(missing);
    expect(await look("n.ipynb")).toContainEqual(expect.stringContaining(`missing 2 cell 1: environment ${old}`));
  });

  it("is told which targets its scripts and notebooks submit to by name", async () => {
    await write(
      "submit.py",
      "from azureml.core import ScriptRunConfig\nScriptRunConfig('.', 't.py', compute_target='gpu-one')\n# compute_target='no'\n",
    );
    const cell = {
      cell_type: "code",
      source: 'from azureml.core import Run\nct = ws.compute_targets["cpu-two"]\nx(compute_target = "local")',
    };
    await write("n.ipynb", JSON.stringify({ cells: [cell] }));
    await write("other.py", "f(compute_target='nobody')\n");
    const { stdout } = await runCli(["import", "azureml", project, "--dry-run"]);
    expect(JSON.parse(stdout).targets).toEqual(["cpu-two", "gpu-one"]);
    expect(await look("submit.py")).toContainEqual(expect.stringMatching(/^differs 2 target gpu-one: make or attach it here/));
    expect(await look("n.ipynb")).toEqual(
      expect.arrayContaining([expect.stringMatching(/^differs 2 cell 1: target cpu-two/), "works 3 cell 1: target local"]),
    );
  });

  it("is told what its containers need, and what stands for the images that v1 had by default", async () => {
    const docker = (image: string) => `target: local\nenvironment:\n  docker:\n    enabled: true\n    baseImage: ${image}\n`;
    await write(".azureml/cpu.runconfig", docker("mcr.microsoft.com/azureml/base:intelmpi2018.3-ubuntu16.04"));
    await write(".azureml/own.runconfig", docker("registry.example/train:1"));
    expect(await look(".azureml/cpu.runconfig")).toContain(
      "differs 5 in a container: docker or podman has to be on the target; an image of Python stands for mcr.microsoft.com/azureml/base:intelmpi2018.3-ubuntu16.04, which one is the server's setting images",
    );
    expect(await look(".azureml/own.runconfig")).toContain("differs 5 in a container: docker or podman has to be on the target");
  });

  it("has its workspace set up, and no file changed that says all that is needed", async () => {
    const link = '{"workspace_name": "vision", "subscription_id": "s"}';
    await write("config.json", link);
    await write("env/azureml_environment.json", JSON.stringify({ name: "sk", python: { userManagedDependencies: true } }));
    const asked: [string, unknown][] = [];
    const answer = (name: string, value: unknown) => async (input: unknown) => {
      asked.push([name, input]);
      return value;
    };
    const api = {
      createWorkspace: answer("createWorkspace", {}),
      createExperiment: answer("createExperiment", {}),
      registerEnvironment: answer("registerEnvironment", { name: "sk", version: "1" }),
      listTargets: async () => [{ name: "local" }],
    };
    const { code, stdout } = await runCli(["import", "azureml", project], { api });
    expect(code).toBe(0);
    expect(JSON.parse(stdout).setUp).toMatchObject({ workspace: "vision", environments: ["sk:1"] });
    expect(asked.slice(0, 2)).toMatchObject([["createWorkspace", { body: { name: "vision", existOk: true } }], ["createExperiment", { params: { workspace: "vision" } }]]); // biome-ignore format: short
    expect(await readFile(join(project, "config.json"), "utf8")).toBe(link);
    await expect(readFile(join(project, ".azureml/config.json"))).rejects.toThrow();
  });

  it("may have a config.json that begins as files of Windows do", async () => {
    await write(".azureml/config.json", '\uFEFF{"workspace_name": "vision"}\r\n');
    expect(await look()).toEqual([".azureml/config.json works 1 workspace vision"]);
    const asked: unknown[] = [];
    const answer = async (input: unknown) => asked.push(input);
    const api = { createWorkspace: answer, createExperiment: answer, listTargets: async () => [] };
    expect(await runCli(["import", "azureml", project], { api })).toMatchObject({ code: 0 });
    expect(asked[0]).toMatchObject({ body: { name: "vision" } });
  });

  it("gets a config.json where only an older link is there; --dry-run makes nothing", async () => {
    await write("aml_config/project.json", '{"Id": "mnist", "Scope": "/workspaces/old/projects/mnist"}');
    const nothing = async () => [];
    const api = { createWorkspace: nothing, createExperiment: nothing, listTargets: nothing };
    expect(await runCli(["import", "azureml", project, "--dry-run"])).toMatchObject({ code: 0 });
    await expect(readFile(join(project, ".azureml/config.json"))).rejects.toThrow();
    await runCli(["import", "azureml", project], { api });
    expect(JSON.parse(await readFile(join(project, ".azureml/config.json"), "utf8"))).toEqual({
      workspace_name: "old",
      experiment_name: "mnist",
    });
  });

  it("ends with 1 when something is broken, and with 2 when it is no folder or names no workspace that can be", async () => {
    await write("bad.ipynb", "{");
    expect(await runCli(["import", "azureml", project, "--dry-run"])).toMatchObject({ code: 1 });
    expect(await runCli(["import", "azureml", join(project, "none")])).toMatchObject({ code: 2 });
    await write("config.json", '{"workspace_name": "no such/name"}');
    expect((await runCli(["import", "azureml", project])).stderr).toContain("Give another one with -w NAME");
  });

  it("reads as a person reads it, without what works unless --all", async () => {
    await write("train.py", "from azureml.core import Run\nfrom azureml.pipeline.core import Pipeline\n");
    const person = { terminal: true, env: { NO_COLOR: "1" } };
    const { stdout } = await runCli(["import", "azureml", project, "--dry-run"], person);
    expect(stdout).toContain("train.py\n      2  missing  azureml.pipeline.core.Pipeline");
    expect(stdout).not.toContain("azureml.core.Run");
    expect((await runCli(["import", "azureml", project, "--dry-run", "--all"], person)).stdout).toContain("1  works    azureml.core.Run");
  });
});
