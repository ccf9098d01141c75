import { type RunConfiguration, usesDocker, watchableFolder } from "@switchyard/protocol";
import { warnOfSpark } from "./spark.ts";

/** What a submission asks for and will not get, said at once. */
export function warningsOf(
  configuration: RunConfiguration,
  { lostSecrets, inputs = [] }: { readonly lostSecrets: boolean; readonly inputs?: readonly string[] },
): string[] {
  const unwatched = configuration.history.directoriesToWatch
    .filter((folder) => watchableFolder(folder) === null)
    .map((folder) => `The folder "${folder}" of directoriesToWatch is not watched: use a relative path inside the source folder.`);
  const secret =
    "The run configuration held a password. It was not kept, so nothing can use it; log in to the registry where the run goes instead.";
  return [
    ...unnamedReferences(configuration, inputs),
    ...unwatched,
    ...aboutContainer(configuration),
    ...warnOfSpark(configuration),
    ...(lostSecrets ? [secret] : []),
  ];
}

/** Arguments that name a data reference which the run does not have: they stay as they are. */
function unnamedReferences({ arguments: words, dataReferences, data, outputData }: RunConfiguration, inputs: readonly string[]): string[] {
  const known = new Set([...inputs, ...[dataReferences, data, outputData].flatMap((section) => Object.keys(section))]);
  const named = words.flatMap((word) => [...String(word).matchAll(/\$\{?AZUREML_DATAREFERENCE_(\w+)/g)].map(([, name]) => name as string));
  return [...new Set(named)]
    .filter((name) => !known.has(name))
    .map(
      (name) =>
        `The argument $AZUREML_DATAREFERENCE_${name} names no data reference of this run, so it stays as it is. Add "${name}" to dataReferences.`,
    );
}

function aboutContainer(configuration: RunConfiguration): string[] {
  if (!usesDocker(configuration)) return [];
  const { docker, environment, framework } = configuration;
  const spark = framework === "PySpark";
  const unshared = !docker.sharedVolumes || !environment.docker.sharedVolumes;
  return [
    ...(spark
      ? [
          "The framework is PySpark: the script runs with plain Python in its container, where pyspark starts Spark itself; spark.configuration and environment.spark have no effect there.",
        ]
      : []),
    ...(unshared ? ["sharedVolumes: false has no effect: the container always shares the run's folder with its machine."] : []),
  ];
}
