import { type RunConfiguration, usesDocker, watchableFolder } from "@switchyard/protocol";

/** What a submission asks for and will not get, said at once. */
export function warningsOf(configuration: RunConfiguration, { lostSecrets }: { readonly lostSecrets: boolean }): string[] {
  const unwatched = configuration.history.directoriesToWatch
    .filter((folder) => watchableFolder(folder) === null)
    .map((folder) => `The folder "${folder}" of directoriesToWatch is not watched: use a relative path inside the source folder.`);
  const secret =
    "The run configuration held a password. It was not kept, so nothing can use it; log in to the registry where the run goes instead.";
  return [...unwatched, ...aboutContainer(configuration), ...(lostSecrets ? [secret] : [])];
}

function aboutContainer(configuration: RunConfiguration): string[] {
  if (!usesDocker(configuration)) return [];
  const { docker, environment, framework } = configuration;
  const spark = framework === "PySpark";
  const unshared = !docker.sharedVolumes || !environment.docker.sharedVolumes;
  return [
    ...(spark ? ["The framework is PySpark: the script runs with plain Python in its container, where pyspark starts Spark itself."] : []),
    ...(unshared ? ["sharedVolumes: false has no effect: the container always shares the run's folder with its machine."] : []),
  ];
}
