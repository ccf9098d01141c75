import { countProcesses, JobRejected, processesOf, type RunConfiguration, usesDocker } from "@switchyard/protocol";
import { wantsSpark } from "../bundle/spark.ts";
import type { Target } from "../targets.ts";

/** Refuses what no Spark application can be, and what spark-submit could not read. */
export function refuseSpark(configuration: RunConfiguration, { name, type, isolation }: Target): void {
  // The template docker.runconfig of v1 names PySpark although nothing in it needs Spark: there the image is what counts.
  if (!wantsSpark(configuration) || usesDocker(configuration)) return;
  const refuse = (why: string, details: Record<string, string> = {}): never => {
    throw new JobRejected(`The framework is PySpark, and ${why}`, { details: { target: name, ...details } });
  };
  if (isolation !== undefined) {
    refuse(
      `"${name}" (${type}) keeps runs apart in containers, where spark-submit is not started. Switch Docker on with an image that has Spark, ` +
        "where the script starts it itself, or choose another target.",
    );
  }
  if (configuration.command.length > 0)
    refuse("the run has a command, which spark-submit cannot start. Give a script, or set framework to Python.");
  const processes = processesOf(configuration);
  if (configuration.nodeCount > 1 || processes.communicator !== "none" || countProcesses(processes) > 1)
    refuse(
      `the run asks for several processes (nodeCount ${configuration.nodeCount}, communicator ${configuration.communicator}). ` +
        'There is one driver program: set nodeCount to 1 and communicator to None; Spark places the executors, see the key "spark.master" of spark.configuration.',
    );
  for (const { group, artifact, version } of configuration.environment.spark.packages) {
    if ([group, artifact, version].every((part) => part !== null && /^[\w.-]+$/.test(part))) continue;
    const shown = [group, artifact, version].map((part) => part ?? "?").join(":");
    refuse(`"${shown}" in environment.spark.packages is no Maven package. Give group, artifact and version of each.`);
  }
  for (const repository of configuration.environment.spark.repositories) {
    if (/^[a-z]+:\/\/[^\s,]+$/i.test(repository)) continue;
    refuse(`"${repository}" in environment.spark.repositories is no address of a repository, like https://repository.example/maven.`);
  }
  for (const key of Object.keys(configuration.spark.configuration)) {
    if (key !== "" && !/[=\s]/.test(key)) continue;
    refuse(`"${key}" in spark.configuration is no key of Spark's. Use one like spark.executor.memory.`);
  }
  const mode = configuration.spark.configuration["spark.submit.deployMode"];
  if (mode !== undefined && mode !== "client")
    refuse(
      `spark.submit.deployMode is "${mode}". The driver program runs in the run's own directory on the target, so that its logs, metrics and ` +
        "outputs come home: take that key out, or set it to client.",
    );
}

/** Settings that Spark would leave out without a word. */
export function warnOfSpark(configuration: RunConfiguration): string[] {
  if (!wantsSpark(configuration) || usesDocker(configuration)) return [];
  const ignored = Object.keys(configuration.spark.configuration).filter((key) => !key.startsWith("spark."));
  if (ignored.length === 0) return [];
  return [`Spark takes only keys that begin with "spark.", so these of spark.configuration have no effect: ${ignored.join(", ")}.`];
}
