import { BadRequest, type JsonObject, normaliseRunConfiguration, parseRunConfiguration } from "@switchyard/protocol";
import { describe, expect, it } from "vitest";

/** Paths of errors and warnings of a file with a script and what is given. */
function broken(given: JsonObject, options: { script?: string; target?: string } = {}): string[] {
  const json = JSON.stringify({ script: "train.py", environment: {}, ...given });
  return parseRunConfiguration(json, { file: "f", ...options }).problems.map(({ severity, path }) => `${severity} ${path}`);
}
const python = (section: JsonObject) => ({ environment: { python: section } });
const docker = (section: JsonObject) => ({ environment: { docker: section } });

describe("rules of a run configuration", () => {
  it("1: wants a script or a command, and an environment", () => {
    expect(broken({ script: null })).toEqual(["error script"]);
    expect(broken({ script: "" })).toEqual(["error script"]);
    expect(broken({ script: null, command: ["python", "train.py"] })).toEqual([]);
    expect(broken({ script: null }, { script: "other.py" })).toEqual([]);
    expect(parseRunConfiguration("script: train.py", { file: "f" }).problems).toMatchObject([
      { severity: "error", path: "environment", line: 1 },
    ]);
  });

  it("2 to 4: wants the section of a framework or communicator", () => {
    expect(broken({ framework: "PySpark" })).toEqual(["error spark"]);
    expect(broken({ framework: "PySpark", spark: {} })).toEqual([]);
    expect(broken({ framework: "TensorFlow" })).toEqual(["error tensorflow"]);
    expect(broken({ communicator: "Mpi", target: "cluster" })).toEqual(["error mpi"]);
    expect(broken({ communicator: "Mpi", target: "cluster", mpi: {} })).toEqual([]);
  });

  it("5 and 6: wants the section of a target", () => {
    expect(broken({ target: "amlcompute" })).toEqual(["error amlcompute"]);
    expect(broken({ target: "AmlCompute", amlCompute: { vmSize: "small" } })).toEqual([]);
    expect(broken({ target: "containerinstance" })).toEqual(["error containerInstance"]);
  });

  it("7: wants something to install when the environment is system-managed", () => {
    expect(broken(python({ userManagedDependencies: false }))).toEqual(["error environment.python.condaDependenciesFile"]);
    expect(broken(python({ condaDependenciesFile: "conda.yml" }))).toEqual([]);
    expect(broken(python({ condaDependencies: { dependencies: ["python"] } }))).toEqual([]);
    expect(broken({ environment: { name: "registered", python: {} } })).toEqual([]);
  });

  it("8: wants an interpreter when the environment is user-managed", () => {
    expect(broken(python({ userManagedDependencies: true, interpreterPath: "" }))).toEqual(["error environment.python.interpreterPath"]);
    expect(broken(python({ userManagedDependencies: true }))).toEqual([]);
  });

  it("9: only warns of an image without registry", () => {
    expect(broken(docker({ enabled: true, baseImage: "a" }))).toEqual(["warning environment.docker.baseImageRegistry"]);
    expect(broken(docker({ enabled: true, baseImage: "a", baseImageRegistry: { address: "r" } }))).toEqual([]);
  });

  it("10 and 11: wants a password for a user, and one image", () => {
    expect(broken(docker({ baseImageRegistry: { username: "me" } }))).toEqual(["error environment.docker.baseImageRegistry.password"]);
    expect(broken(docker({ baseImage: "a", baseDockerfile: "FROM a" }))).toEqual(["error environment.docker.baseDockerfile"]);
    const { configuration } = parseRunConfiguration(JSON.stringify({ script: "a", ...docker({ baseDockerfile: "FROM a" }) }), {
      file: "f",
    });
    expect(configuration?.environment.docker).toMatchObject({ baseImage: null, baseDockerfile: "FROM a" });
  });

  it("13: refuses several processes on one machine, for the target that is really used", () => {
    expect(broken({ communicator: "OpenMpi" })).toEqual(["error communicator"]);
    expect(broken({ communicator: "ParameterServer", framework: "TensorFlow", tensorflow: {} })).toEqual(["error communicator"]);
    expect(broken({ communicator: "OpenMpi" }, { target: "cluster" })).toEqual([]);
    expect(broken({ communicator: "OpenMpi", target: "cluster" }, { target: "local" })).toEqual(["error communicator"]);
  });

  it("shares processes out evenly, and puts one parameter server on a node at most", () => {
    const gloo = { communicator: "gloo", target: "cluster", nodeCount: 2 };
    expect(broken({ ...gloo, pyTorch: { processCount: 4 } })).toEqual([]);
    expect(broken(gloo)).toEqual([]);
    expect(broken({ ...gloo, pyTorch: { processCount: 3 } })).toEqual(["error pyTorch.processCount"]);
    expect(broken({ ...gloo, pyTorch: { processCount: 1 } })).toEqual(["error pyTorch.processCount"]);
    const ps = (workerCount: number, parameterServerCount: number, nodeCount: number) =>
      broken({ communicator: "PARAMETERSERVER", target: "cluster", nodeCount, tensorflow: { workerCount, parameterServerCount } });
    expect(ps(3, 2, 2)).toEqual([]);
    expect(ps(2, 0, 2)).toEqual([]);
    expect(ps(1, 2, 1)).toEqual(["error tensorflow.parameterServerCount"]);
    expect(ps(2, 1, 4)).toEqual(["error tensorflow.workerCount"]);
    // without that communicator the section has no effect
    expect(broken({ framework: "TensorFlow", target: "cluster", nodeCount: 1, tensorflow: { parameterServerCount: 9 } })).toEqual([]);
  });

  it("14: warns of an image that may lack Open MPI", () => {
    const image = { enabled: true, baseImage: "python:3.11", baseImageRegistry: {} };
    expect(broken({ communicator: "OpenMpi", target: "cluster", ...docker(image) })).toEqual(["warning communicator"]);
  });

  it.each([
    ["TensorFlowParameterServer", "TensorFlow", "ParameterServer"],
    ["PythonMpi", "Python", "Mpi"],
    ["pythonintelmpi", "Python", "IntelMpi"],
    ["PySparkInteractive", "PySpark", "None"],
    ["Cntk", "CNTK", "None"],
  ])("15: reads framework %s as %s with %s", (given, framework, communicator) => {
    const read = normaliseRunConfiguration({ script: "a.py", target: "cluster", framework: given, spark: {}, tensorflow: {} });
    expect(read).toMatchObject({ framework, communicator });
  });

  it("15: lets the communicator count when the framework says another", () => {
    expect(broken({ framework: "PythonMpi", communicator: "Gloo", target: "cluster" })).toEqual(["warning framework"]);
  });
});

describe("wire form", () => {
  it("needs no environment", () => {
    expect(normaliseRunConfiguration({ script: "a.py" }).environment.python.condaDependencies).toMatchObject({
      name: "project_environment",
    });
  });

  it("throws one BadRequest that lists every problem", () => {
    const normalise = () => normaliseRunConfiguration({ nodeCount: "x", arguments: 1, environment: { python: 3 } });
    expect(normalise).toThrow(BadRequest);
    expect(normalise).toThrow(/nodeCount: expected.*arguments: expected.*environment\.python: expected.*script: which script/);
  });

  it("does not ask for a script that is there in a wrong form", () => {
    expect(() => normaliseRunConfiguration({ script: ["a.py"] })).toThrow(/script: expected a text(?!.*which script)/);
  });

  it("keeps keys it does not know, at every depth", () => {
    const given = {
      script: "a.py",
      "x-own": { deep: [1] },
      environment: { "x-more": true, python: { condaDependenciesFile: "c.yml", "x-most": null } },
    };
    const read = normaliseRunConfiguration(given);
    expect(read.others).toEqual({ "x-own": { deep: [1] } });
    expect(read.environment.others).toEqual({ "x-more": true });
    expect(read.environment.python.others).toEqual({ "x-most": null });
  });
});
