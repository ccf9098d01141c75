/** Files that a model's source names: of a run, or of a model that an MLflow client logged. `path` may be empty: all of them. */
export type SourcePlace = { readonly path: string } & ({ readonly runId: string } | { readonly loggedModelId: string });

/** What each form of a source is read by; the ones that name no place here are read by nobody. */
const LOGGED = /^models:\/+(m-[A-Za-z0-9]+)(?:\/(.*))?$/s;
const RUN = /^runs:\/+([A-Za-z0-9][A-Za-z0-9_.-]*)\/(.+)$/s;
const ARTIFACTS = /^mlflow-artifacts:\/(?:\/\/)?([^/].*)$/s;
const LOGGED_ARTIFACTS = /^[^/]+\/models\/([^/]+)\/artifacts(?:\/(.*))?$/s;
const RUN_ARTIFACTS = /^[^/]+\/([^/]+)\/artifacts(?:\/(.*))?$/s;

/** Where a source, in MLflow's words, lies among what is kept here; null when it lies elsewhere. */
export function placeOfSource(source: string): SourcePlace | null {
  const logged = LOGGED.exec(source);
  if (logged !== null) return inside(logged[2], (path) => ({ loggedModelId: logged[1] as string, path }));
  const ofRun = RUN.exec(source);
  if (ofRun !== null) return inside(ofRun[2], (path) => ({ runId: ofRun[1] as string, path }));
  const path = ARTIFACTS.exec(source)?.[1] ?? "";
  const ofLogged = LOGGED_ARTIFACTS.exec(path);
  if (ofLogged !== null) return inside(ofLogged[2], (rest) => ({ loggedModelId: ofLogged[1] as string, path: rest }));
  const artifacts = RUN_ARTIFACTS.exec(path);
  return artifacts && inside(artifacts[2], (rest) => ({ runId: artifacts[1] as string, path: rest }));
}

/** The path without needless slashes and dots; null when it would lead out. */
function inside(path: string | undefined, place: (path: string) => SourcePlace): SourcePlace | null {
  const parts = (path ?? "").split("/").filter((part) => part !== "" && part !== ".");
  return parts.includes("..") ? null : place(parts.join("/"));
}
