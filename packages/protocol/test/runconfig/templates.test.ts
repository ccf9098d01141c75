import {
  defaultRunConfiguration,
  environmentVariablesOf,
  folderTemplates,
  normaliseRunConfiguration,
  parseCondaFile,
  parseRunConfiguration,
  successCodesOf,
  targetRunConfigurationTemplate,
  usesDocker,
  withoutSecrets,
} from "@switchyard/protocol";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

const files = new Map(
  folderTemplates({ experiment: "mnist", workspace: "default", pythonVersion: "3.11" }).map(({ path, text }) => [path, text]),
);

describe("templates of an attached folder", () => {
  it("are the files that people know", () => {
    expect([...files.keys()]).toEqual([
      ".azureml/local.runconfig",
      ".azureml/docker.runconfig",
      ".azureml/conda_dependencies.yml",
      ".azureml/config.json",
      ".amlignore",
    ]);
  });

  it.each(["local", "docker"] as const)("%s.runconfig is read without a word and says what the default says", (name) => {
    const { configuration, problems } = parseRunConfiguration(files.get(`.azureml/${name}.runconfig`)!, { file: name });
    expect(problems).toEqual([]);
    expect(configuration).toEqual(defaultRunConfiguration(name));
  });

  it.each([
    [null, { userManagedDependencies: true, interpreterPath: "python3", condaDependenciesFile: null }],
    ["aml_config/conda_dependencies.yml", { userManagedDependencies: false, condaDependenciesFile: "aml_config/conda_dependencies.yml" }],
  ])("of a target sends the run there, without Docker, with the conda file %s", (condaFile, python) => {
    const text = targetRunConfigurationTemplate("gpu-box", condaFile);
    const { configuration, problems } = parseRunConfiguration(text, { file: "gpu-box" });
    expect(problems).toEqual([]);
    expect(configuration).toMatchObject({ target: "gpu-box", framework: "Python", environment: { python, docker: { enabled: false } } });
    expect(text).toMatch(/^# .*run submit-script -c gpu-box train\.py\n/);
  });

  it("explain every key", () => {
    const lines = files.get(".azureml/local.runconfig")!.split("\n");
    const keys = lines.filter((line) => /^ {0,4}[a-zA-Z]+:/.test(line) && !line.includes("EXAMPLE_ENV_VAR"));
    for (const key of keys) expect(lines[lines.indexOf(key) - 1]).toMatch(/^ *# /);
  });

  it("differ in framework and container, and both run locally", () => {
    expect(defaultRunConfiguration("local")).toMatchObject({
      target: "local",
      framework: "Python",
      environment: { docker: { enabled: false } },
    });
    expect(defaultRunConfiguration("docker")).toMatchObject({
      target: "local",
      framework: "PySpark",
      environment: { docker: { enabled: true } },
    });
  });

  it("pin Python when they are told to", () => {
    const conda = parseCondaFile(files.get(".azureml/conda_dependencies.yml")!, "f");
    expect(conda).toEqual({
      problems: [],
      dependencies: { name: "project_environment", dependencies: ["python=3.11", "pip", { pip: ["azureml-defaults"] }] },
    });
    const open = folderTemplates({ experiment: "e", workspace: "w", pythonVersion: null }).find(({ path }) => path.endsWith(".yml"))!;
    expect(parse(open.text).dependencies[0]).toBe("python");
  });

  it("link the folder to workspace and experiment", () => {
    expect(JSON.parse(files.get(".azureml/config.json")!)).toMatchObject({
      workspace_name: "default",
      experiment_name: "mnist",
      resource_group: expect.any(String),
      subscription_id: expect.any(String),
    });
    expect(files.get(".amlignore")!.split("\n")).toEqual([
      ".ipynb_checkpoints",
      "azureml-logs",
      ".azureml",
      ".git",
      "outputs",
      "azureml-setup",
      "docs",
      "",
    ]);
  });
});

describe("questions to a run configuration", () => {
  it("finds the wish for a container in either place", () => {
    expect(usesDocker(normaliseRunConfiguration({ script: "a" }))).toBe(false);
    expect(usesDocker(normaliseRunConfiguration({ script: "a", docker: { useDocker: true } }))).toBe(true);
    expect(usesDocker(defaultRunConfiguration("docker"))).toBe(true);
  });

  it("puts the run's variables over the environment's", () => {
    const wire = { script: "a", environmentVariables: { B: 2 }, environment: { environmentVariables: { A: 1, B: 1 } } };
    expect(environmentVariablesOf(normaliseRunConfiguration(wire))).toEqual({ A: "1", B: "2" });
  });

  it("adds exit codes that are a success to zero", () => {
    expect(successCodesOf(normaliseRunConfiguration({ script: "a", commandReturnCodeConfig: { successfulReturnCodes: [3, 0] } }))).toEqual([
      0, 3,
    ]);
  });

  it("shows no password", () => {
    const wire = { environment: { docker: { baseImageRegistry: { username: "me", password: "secret" } } }, password: null };
    expect(JSON.stringify(withoutSecrets(wire))).not.toContain("secret");
    expect(withoutSecrets(wire)).toMatchObject({
      environment: { docker: { baseImageRegistry: { username: "me", password: "***" } } },
      password: null,
    });
  });

  it("leaves variables of the user alone, whatever their names", () => {
    const wire = { environmentVariables: { PASSWORD: "of a database" } };
    expect(withoutSecrets(wire)).toEqual(wire);
  });
});
