/** A file or folder of a run that a model's source names; `as` is what it is called in the model. */
export interface SourcePlace {
  readonly runId: string;
  readonly path: string;
  readonly as: string;
}

/** Where the source of a model, in MLflow's words, lies among our runs' files: `runs:/<run>/<path>`. Null when it does not. */
export function placeOfSource(source: string): SourcePlace | null {
  const [, runId, path] = /^runs:\/+([A-Za-z0-9][A-Za-z0-9_.-]*)\/(.+?)\/*$/s.exec(source) ?? [];
  if (runId === undefined || path === undefined || !isInside(path)) return null;
  return { runId, path, as: path.slice(path.lastIndexOf("/") + 1) };
}

const isInside = (path: string): boolean => path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
