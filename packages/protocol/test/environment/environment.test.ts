import {
  BadRequest,
  checkEnvironmentName,
  definitionOf,
  type EnvironmentDefinition,
  EnvironmentUnusable,
  environmentDefinition,
  environmentHash,
  environmentOf,
  environmentOfDefinition,
  type JsonObject,
  jobEnvironment,
  normaliseRunConfiguration,
  parseCondaFile,
  parseEnvironmentFile,
  scaffoldEnvironment,
} from "@switchyard/protocol";
import { describe, expect, it } from "vitest";

function definition(more: JsonObject = {}, dependencies: readonly string[] = ["python=3.11", "numpy"]): EnvironmentDefinition {
  return environmentDefinition.parse({ name: "a", python: { condaDependencies: { channels: ["x", "y"], dependencies } }, ...more });
}
const hash = (given: EnvironmentDefinition, platform = "linux-x64") => environmentHash(given, platform);

describe("environment hash", () => {
  it("is the kind of name that people know, and stays as it is: built environments are found by it", () => {
    expect(hash(definition())).toBe("azureml_515d90f1ec0298cb5861f0a4cef5e6d9");
  });

  it("does not count name, version and variables", () => {
    expect(hash(definition({ name: "b", version: "7", environmentVariables: { A: "1" } }))).toBe(hash(definition()));
    const renamed = definition({
      python: { condaDependencies: { name: "other", channels: ["x", "y"], dependencies: ["python=3.11", "numpy"] } },
    });
    expect(hash(renamed)).toBe(hash(definition()));
  });

  it("counts packages, channels and their order, the image, Docker steps, Spark packages and the platform", () => {
    const others = [
      definition({}, ["numpy", "python=3.11"]),
      definition({}, ["python=3.11"]),
      definition({ python: { condaDependencies: { channels: ["y", "x"], dependencies: ["python=3.11", "numpy"] } } }),
      definition({ python: { condaDependencies: { channels: ["x", "y"], dependencies: ["python=3.11", { pip: ["numpy"] }] } } }),
      definition({ docker: { baseImage: "a" } }),
      definition({ docker: { baseDockerfile: "FROM a" } }),
      definition({ spark: { packages: [{ group: "g" }] } }),
    ];
    const hashes = [definition(), ...others].map((each) => hash(each));
    expect(new Set([...hashes, hash(definition(), "darwin-arm64")]).size).toBe(others.length + 2);
  });
});

describe("environment of a run", () => {
  it("is a default one when nothing is said", () => {
    const environment = environmentOf(normaliseRunConfiguration({ script: "a.py" }));
    expect(jobEnvironment.parse(environment)).toEqual(environment);
    expect(environment).toMatchObject({
      kind: "system",
      python: null,
      whyNotPip: null,
      mayBuild: true,
      requirements: expect.stringContaining("azureml-defaults"),
    });
  });

  it("is the user's interpreter when the user manages it", () => {
    const python = { userManagedDependencies: true, interpreterPath: "/opt/py", condaDependenciesFile: "ignored.yml" };
    expect(environmentOf(normaliseRunConfiguration({ script: "a.py", environment: { python } }))).toEqual({
      kind: "user",
      interpreter: "/opt/py",
    });
  });

  it("carries conda text, pip plan and the wish not to build", () => {
    const python = { condaDependencies: { dependencies: ["python=3.8", "cudatoolkit", "numpy=1.19"] } };
    const configuration = normaliseRunConfiguration({ script: "a.py", autoPrepareEnvironment: false, environment: { python } });
    expect(environmentOf(configuration, "linux-x64")).toMatchObject({
      kind: "system",
      name: environmentHash(definitionOf(configuration), "linux-x64"),
      conda: expect.stringContaining("- cudatoolkit"),
      requirements: null,
      whyNotPip: expect.stringContaining("cudatoolkit"),
      python: "3.8",
      mayBuild: false,
    });
    expect(environmentOfDefinition(definitionOf(configuration), "linux-x64", false)).toEqual(environmentOf(configuration, "linux-x64"));
  });

  it("cannot be made from a conda file that did not come along, or from a mere name", () => {
    const of = (environment: JsonObject) => () => environmentOf(normaliseRunConfiguration({ script: "a.py", environment }));
    expect(of({ python: { condaDependenciesFile: "conda.yml" } })).toThrow(EnvironmentUnusable);
    expect(of({ python: { condaDependenciesFile: "conda.yml" } })).toThrow(/"conda\.yml" did not come along/);
    expect(of({ name: "registered" })).toThrow(/"registered" says neither/);
  });
});

describe("environment files", () => {
  it("are scaffolded with every key and can be read again", () => {
    const files = new Map(scaffoldEnvironment("mine", "3.11").map(({ path, text }) => [path, text]));
    expect([...files.keys()]).toEqual(["azureml_environment.json", "conda_dependencies.yml"]);
    expect(Object.keys(JSON.parse(files.get("azureml_environment.json")!))).toEqual([
      "name",
      "version",
      "environmentVariables",
      "python",
      "docker",
      "spark",
      "databricks",
      "inferencingStackVersion",
    ]);
    const { definition: read, problems } = parseEnvironmentFile(files.get("azureml_environment.json")!, "f");
    expect(problems).toEqual([]);
    expect(read).toMatchObject({
      name: "mine",
      docker: { enabled: false, shmSize: "2g" },
      environmentVariables: { EXAMPLE_ENV_VAR: "EXAMPLE_VALUE" },
    });
    expect(parseCondaFile(files.get("conda_dependencies.yml")!, "f").dependencies?.dependencies[0]).toBe("python=3.11");
  });

  it("are read with the place of every problem", () => {
    const text = '{"name": "a",\n "pyton": {},\n "python": {"userManagedDependencies": 1}}';
    expect(parseEnvironmentFile(text, "f")).toMatchObject({
      definition: null,
      problems: [
        { severity: "warning", line: 2, path: "pyton", nearest: "python" },
        { severity: "error", line: 3, path: "python.userManagedDependencies" },
      ],
    });
    expect(parseEnvironmentFile("{}", "f").problems).toMatchObject([{ path: "name", line: 1 }]);
    expect(parseEnvironmentFile("", "f").problems).toMatchObject([{ severity: "error", line: 1 }]);
    expect(parseEnvironmentFile("[]", "f").problems).toMatchObject([{ severity: "error", line: 1 }]);
  });

  it.each(["AzureML-Minimal", "azureml_x", "Microsoft.Own", "MICROSOFT"])("may not be named %s", (name) => {
    expect(() => checkEnvironmentName(name)).toThrow(BadRequest);
    expect(() => scaffoldEnvironment(name)).toThrow(/reserved/);
  });

  it.each(["", "a/b", "../a", " a", "a\n", "x".repeat(257)])("may not be named %j either", (name) => {
    expect(() => checkEnvironmentName(name)).toThrow(BadRequest);
  });

  it("may be named by words and digits", () => expect(() => checkEnvironmentName("my env-1.0_b")).not.toThrow());
});
