import { type RunConfiguration, watchableFolder } from "@switchyard/protocol";

/** What a submission asks for and will not get, said at once. */
export function warningsOf({ history }: RunConfiguration): string[] {
  return history.directoriesToWatch
    .filter((folder) => watchableFolder(folder) === null)
    .map((folder) => `The folder "${folder}" of directoriesToWatch is not watched: use a relative path inside the source folder.`);
}
