// What of PySpark the engine refuses, warns of and hands to a job.
import { COMPUTE_KINDS, JobRejected, type JsonObject, normaliseRunConfiguration } from "@switchyard/protocol";
import { describe, expect, it } from "vitest";
import { sparkOf } from "../src/bundle/spark.ts";
import { refuseUnsupported } from "../src/submit/unsupported.ts";
import { warningsOf } from "../src/submit/warnings.ts";
import { localTarget, type Target } from "../src/targets.ts";

const LOCAL = localTarget(1);
const CLUSTER: Target = { ...LOCAL, name: "myhdi", type: "hdinsight", capabilities: COMPUTE_KINDS.hdinsight.capabilities };
const KEPT_APART: Target = { ...LOCAL, isolation: { cores: 1, memoryMegabytes: 100, machineCores: 1 } };
const of = (more: JsonObject = {}) => normaliseRunConfiguration({ script: "train.py", framework: "PySpark", spark: {}, ...more } as never);
const withPackages = (...packages: JsonObject[]) => ({ environment: { spark: { packages } } });
const withSettings = (configuration: JsonObject) => ({ spark: { configuration } });

describe("a PySpark run", () => {
  it.each([
    ["several nodes", { nodeCount: 2 }, CLUSTER, /several nodes/],
    [
      "a communicator",
      { communicator: "OpenMpi", target: "cpu-cluster" },
      { ...LOCAL, capabilities: COMPUTE_KINDS.amlcompute.capabilities },
      /one driver program/,
    ],
    ["a command", { command: ["echo"] }, LOCAL, /a command, which spark-submit cannot start/],
    ["a package without a version", withPackages({ group: "g", artifact: "a" }), LOCAL, /"g:a:\?" .* is no Maven package/],
    ["an option in place of a package", withPackages({ group: "--conf x", artifact: "a", version: "1" }), LOCAL, /no Maven package/],
    ["a repository that is none", { environment: { spark: { repositories: ["a,b"] } } }, LOCAL, /"a,b" .* no address of a repository/],
    ["a setting with a bad key", withSettings({ "spark.a=b": "c" }), LOCAL, /"spark\.a=b" .* no key of Spark's/],
    [
      "a driver program elsewhere",
      withSettings({ "spark.submit.deployMode": "cluster" }),
      CLUSTER,
      /spark\.submit\.deployMode is "cluster"/,
    ],
    ["a cluster that keeps runs apart", {}, KEPT_APART, /keeps runs apart in containers/],
    [
      "a target without Spark",
      {},
      { ...LOCAL, capabilities: { ...LOCAL.capabilities, pySpark: false } },
      /does not support the framework PySpark/,
    ],
  ] as const)("is refused with %s", (_what, more, target, message) => {
    const refused = () => refuseUnsupported(of(more as JsonObject), target as Target);
    expect(refused).toThrow(message);
    expect(refused).toThrow(JobRejected);
  });

  it("is taken where Spark can be, with settings and packages, and in a container as before", () => {
    const whole = of({
      ...withSettings({ "spark.executor.memory": "1g", "spark.submit.deployMode": "client" }),
      ...{
        environment: {
          spark: { packages: [{ group: "org.x", artifact: "y_2.12", version: "0.1" }], repositories: ["https://r.example/m"] },
        },
      },
    });
    for (const target of [LOCAL, CLUSTER]) expect(() => refuseUnsupported(whole, target)).not.toThrow();
    expect(sparkOf(whole, LOCAL)).toEqual({
      installation: "environment",
      configuration: { "spark.executor.memory": "1g", "spark.submit.deployMode": "client" },
      packages: ["org.x:y_2.12:0.1"],
      repositories: ["https://r.example/m"],
      deployMode: "cluster",
    });
    expect(sparkOf(whole, CLUSTER)?.installation).toBe("machine");
    const inContainer = of({ nodeCount: 1, docker: { useDocker: true } });
    expect(() => refuseUnsupported(inContainer, KEPT_APART)).not.toThrow();
    expect(sparkOf(inContainer, LOCAL)).toBeNull();
    expect(sparkOf(of({ framework: "Python" }), CLUSTER)).toBeNull();
  });

  it("is told of settings that Spark ignores", () => {
    const told = (more: JsonObject) => warningsOf(of(more), { lostSecrets: false }).join();
    expect(told(withSettings({ "hive.x": "1", "spark.y": "2" }))).toMatch(/have no effect: hive\.x\./);
    expect(told(withSettings({ "spark.y": "2" }))).toBe("");
  });
});
