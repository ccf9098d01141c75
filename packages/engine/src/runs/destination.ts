import { JOB_LAYOUT } from "@switchyard/protocol";

/** Where a file that a job left belongs: a run and the name it has among that run's files. */
export interface Destination {
  readonly runId: string;
  readonly path: string;
}

/**
 * Whose file a path of a job's manifest is: `uploads/x` is the run's file `x`, `children/<id>/outputs/y` is `outputs/y`
 * of that child, a child's own children lie below it in the same way. Null for what belongs to nobody.
 */
export function destinationOf(runId: string, path: string): Destination | null {
  const parts = path.split("/");
  let owner = runId;
  while (parts[0] === JOB_LAYOUT.children && parts.length > 2) owner = parts.splice(0, 2)[1] ?? owner;
  const [folder] = parts;
  if (folder === JOB_LAYOUT.uploads) parts.shift();
  else if (folder === JOB_LAYOUT.children || (owner !== runId && folder !== JOB_LAYOUT.outputs)) return null;
  return parts.length === 0 ? null : { runId: owner, path: parts.join("/") };
}
