import { JobRejected, type JsonObject, jobFile, normaliseRunConfiguration } from "@switchyard/protocol";
import { describe, expect, it } from "vitest";
import { derivedImageOf, surroundingsOf } from "../src/bundle/container.ts";
import { imageFor } from "../src/bundle/images.ts";
import { refuseUnsupported } from "../src/submit/unsupported.ts";
import { warningsOf } from "../src/submit/warnings.ts";
import { localTarget } from "../src/targets.ts";

const OWN_PYTHON = { userManagedDependencies: true, interpreterPath: "python3" };
const of = (docker: JsonObject, more: JsonObject = {}, python: JsonObject = OWN_PYTHON) =>
  normaliseRunConfiguration({ script: "train.py", environment: { python, docker }, ...more });
const CONDA = { userManagedDependencies: false, condaDependencies: { dependencies: ["python=3.11", { pip: ["numpy"] }] } };

describe("the container of a run", () => {
  it("is there when either place of the run configuration switches Docker on", () => {
    expect(surroundingsOf(of({ baseImage: "a:1" }), {}).container).toBeNull();
    expect(surroundingsOf(of({ baseImage: "a:1", enabled: true }), {}).container).toMatchObject({
      image: "a:1",
      dockerfile: null,
      builtAs: null,
    });
    expect(surroundingsOf(of({ baseImage: "a:1" }, { docker: { useDocker: true } }), {}).container).toMatchObject({ image: "a:1" });
  });

  it("has the settings of the place that switches it on; arguments of the older place hold where the later has none", () => {
    const older = { enabled: true, baseImage: "a:1", shmSize: "3g", arguments: ["--cpus", 2], gpuSupport: true };
    expect(surroundingsOf(of(older), {}).container).toMatchObject({ shmSize: "3g", arguments: ["--cpus", "2"], gpu: "wanted" });
    const later = { docker: { useDocker: true, shmSize: "5g" } };
    expect(surroundingsOf(of(older, later), {}).container).toMatchObject({ shmSize: "5g", arguments: ["--cpus", "2"] });
    const words = { docker: { useDocker: true, arguments: ["-v", "/data:/data"] } };
    expect(surroundingsOf(of(older, words), {}).container).toMatchObject({ shmSize: "2g", arguments: ["-v", "/data:/data"] });
  });

  it("is pulled from the registry that is given, once named", () => {
    const image = (docker: JsonObject) => surroundingsOf(of({ enabled: true, ...docker }), {}).container?.image;
    const baseImageRegistry = { address: "https://r.example:5000/" };
    expect(image({ baseImage: "team/a:1", baseImageRegistry })).toBe("r.example:5000/team/a:1");
    expect(image({ baseImage: "r.example:5000/team/a:1", baseImageRegistry })).toBe("r.example:5000/team/a:1");
    expect(image({ baseImage: "team/a:1" })).toBe("team/a:1");
  });

  it("builds a Dockerfile and packages under one name, which an own image in place of the default changes", () => {
    const managed = surroundingsOf(of({ enabled: true }, {}, CONDA), { cpu: "mine:1" });
    const other = surroundingsOf(of({ enabled: true }, {}, CONDA), { cpu: "mine:2" });
    expect(derivedImageOf(managed)).toMatch(/^azureml\/azureml_[0-9a-f]{32}$/);
    expect(managed.environment).toMatchObject({ kind: "system", name: managed.container?.builtAs });
    expect(derivedImageOf(other)).not.toBe(derivedImageOf(managed));
    const dockerfile = { enabled: true, baseDockerfile: "FROM a:1\n" };
    const { container } = surroundingsOf(of(dockerfile), {});
    expect(container).toMatchObject({ image: null, dockerfile: "FROM a:1\n", builtAs: expect.stringMatching(/^azureml_/) });
    const otherPython = surroundingsOf(of(dockerfile, {}, { ...OWN_PYTHON, interpreterPath: "/usr/bin/python3" }), {});
    expect(otherPython.container?.builtAs).toBe(container?.builtAs);
  });

  it("is there on a target that keeps runs apart, whatever the configuration says, with what its nodes have", () => {
    const isolation = { cores: 2, memoryMegabytes: 7168, machineCores: 3 };
    const { container } = surroundingsOf(of({ baseImage: "a:1" }), {}, isolation);
    expect(container).toMatchObject({ image: "a:1", isolated: true, arguments: ["--cpus", "2", "--memory", "7168m"] });
    const two = surroundingsOf(of({ baseImage: "a:1", enabled: true }, { nodeCount: 2 }), {}, isolation);
    expect(two.container).toMatchObject({ arguments: ["--cpus", "3", "--memory", "14336m"] });
    expect(surroundingsOf(of({ baseImage: "a:1", enabled: true }), {}).container).toMatchObject({ isolated: false });
  });

  it("never has an image and a Dockerfile, or none of them, in a job file", () => {
    const { container } = surroundingsOf(of({ enabled: true, baseImage: "a:1" }), {});
    const schema = jobFile.shape.container;
    expect(schema.safeParse(container).success).toBe(true);
    expect(schema.safeParse({ ...container, image: null }).success).toBe(false);
    expect(schema.safeParse({ ...container, dockerfile: "FROM b" }).success).toBe(false);
  });
});

it.each([
  ["azureml/base:intelmpi2018.3-ubuntu16.04", "mine-cpu"],
  ["azureml/base:0.2.4", "mine-cpu"],
  ["azureml/openmpi3.1.2-ubuntu18.04:20210513.v1", "mine-cpu"],
  ["azureml/base-gpu:intelmpi2018.3-cuda10.0-cudnn7-ubuntu16.04", "mine-gpu"],
  ["azureml/openmpi3.1.2-cuda10.1-cudnn7-ubuntu18.04", "mine-gpu"],
  ["python:3.11", "exactly-this"],
  ["mcr.microsoft.com/azureml/base:intelmpi2018.3-ubuntu16.04", "mine-cpu"],
  ["mcr.microsoft.com/azureml/openmpi4.1.0-cuda11.1-cudnn8-ubuntu20.04:latest", "mine-gpu"],
  ["mcr.microsoft.com/azureml/other:1", "mcr.microsoft.com/azureml/other:1"],
  ["registry.example/azureml/base:0.2.4", "registry.example/azureml/base:0.2.4"],
  ["azureml/azureml_0123", "azureml/azureml_0123"],
])("the image %s means %s where the operator says so", (name, meant) => {
  expect(imageFor(name, { cpu: "mine-cpu", gpu: "mine-gpu", "python:3.11": "exactly-this" })).toBe(meant);
});

it("a target whose kind has no containers refuses Docker by name", () => {
  const target = localTarget(1);
  const without = { ...target, capabilities: { ...target.capabilities, docker: false } };
  const configuration = of({ enabled: true, baseImage: "a:1" });
  expect(() => refuseUnsupported(configuration, without)).toThrow(JobRejected);
  expect(() => refuseUnsupported(configuration, without)).toThrow(/does not support Docker.*docker\.useDocker/);
  expect(() => refuseUnsupported(configuration, target)).not.toThrow();
});

it("says what a container does not do", () => {
  const warnings = (docker: JsonObject, more: JsonObject = {}) =>
    warningsOf(of({ enabled: true, ...docker }, more), { lostSecrets: false }).join();
  expect(warnings({ sharedVolumes: false })).toContain("sharedVolumes: false has no effect");
  expect(warnings({}, { framework: "PySpark", spark: {} })).toContain("plain Python in its container");
  expect(warnings({})).toBe("");
});
