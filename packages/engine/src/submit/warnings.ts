import { type RunConfiguration, watchableFolder } from "@switchyard/protocol";

/** What a submission asks for and will not get, said at once. */
export function warningsOf({ history }: RunConfiguration, { hadSecrets }: { readonly hadSecrets: boolean }): string[] {
  const unwatched = history.directoriesToWatch
    .filter((folder) => watchableFolder(folder) === null)
    .map((folder) => `The folder "${folder}" of directoriesToWatch is not watched: use a relative path inside the source folder.`);
  const secret =
    "The run configuration held a password. It was not kept, so nothing can use it; log in to the registry where the run goes instead.";
  return [...unwatched, ...(hadSecrets ? [secret] : [])];
}
