import { type JobSpark, type RunConfiguration, usesDocker } from "@switchyard/protocol";
import type { Target } from "../targets.ts";

/** What spark-submit is given for the run; null where the script is started by its interpreter, as every script in a container is. */
export function sparkOf(
  configuration: RunConfiguration,
  { capabilities, isolation }: Pick<Target, "capabilities" | "isolation">,
): JobSpark | null {
  if (!wantsSpark(configuration) || usesDocker(configuration) || isolation !== undefined) return null;
  const { packages, repositories } = configuration.environment.spark;
  return {
    installation: capabilities.pySpark === true ? "machine" : "environment",
    configuration: configuration.spark.configuration,
    packages: packages.map(({ group, artifact, version }) => `${group}:${artifact}:${version}`),
    repositories: [...repositories],
    deployMode: configuration.hdi.yarnDeployMode,
  };
}

/** Is the script the driver program of a Spark application? */
export const wantsSpark = ({ framework }: Pick<RunConfiguration, "framework">): boolean => framework === "PySpark";
