/**
 * The named places between two durable steps of a run's life. Tests kill the process at each one in turn and ask that
 * the run still ends right. A place is added where two writes, uploads, claims or commits follow each other.
 */
export const FAIL_POINTS = [
  "submit.before-commit",
  "submit.after-commit",
  "start.before-state-saved",
  "start.before-stage",
  "stage.before-rename",
  "stage.after-rename",
  "start.after-launch",
  "start.before-handle-saved",
  "start.after-handle-saved",
  "take.before-log-bytes",
  "take.after-log-bytes",
  "take.before-commit",
  "take.after-commit",
  "exit.before-state-saved",
  "collect.before-file",
  "collect.after-file",
  "collect.before-ended",
  "end.after-commit",
  "remove.before",
  "remove.after",
  "blob.before-rename",
  "blob.after-rename",
] as const;
/** The same in the life of a run that goes on with another attempt. */
export const RETRY_FAIL_POINTS = ["requeue.before-commit", "requeue.after-commit", "leave.before", "leave.after"] as const;
/** The same for a run with outputs that go to a datastore. */
export const OUTPUT_FAIL_POINTS = ["outputs.delivered", "outputs.noted", "outputs.removed"] as const;
/** The same for the nodes of a managed cluster: a run on the submitting machine never comes by. */
export const CLUSTER_FAIL_POINTS = [
  "cluster.before-plan-saved",
  "cluster.after-plan-saved",
  "node.after-laid",
  "cluster.after-node-made",
  "cluster.before-given-saved",
  "cluster.after-given-saved",
  "cluster.before-vacated",
  "cluster.after-vacated",
  "node.before-keeper-ended",
  "cluster.before-node-forgotten",
] as const;
/** The same for a sweep and its trials. */
export const SWEEP_FAIL_POINTS = [
  "sweep.before-entries-saved",
  "sweep.after-entries-saved",
  "sweep.before-trial-made",
  "sweep.after-trial-made",
  "sweep.before-stop",
  "sweep.before-ended",
] as const;
/** The same for a web service: a run never comes by. */
export const SERVICE_FAIL_POINTS = ["service.before-start", "service.after-start"] as const;
export type FailPointName =
  | (typeof SERVICE_FAIL_POINTS)[number]
  | (typeof SWEEP_FAIL_POINTS)[number]
  | (typeof OUTPUT_FAIL_POINTS)[number]
  | (typeof FAIL_POINTS)[number]
  | (typeof RETRY_FAIL_POINTS)[number]
  | (typeof CLUSTER_FAIL_POINTS)[number];

let reached: ((name: FailPointName) => void) | undefined;

/** Marks a place where a process may be killed. Does nothing unless a test set a hook. */
export function failPoint(name: FailPointName): void {
  reached?.(name);
}

/** Sets what happens at every fail point of this process; the server's entry sets it from SWITCHYARD_FAIL_AT. */
export function onFailPoint(hook: ((name: FailPointName) => void) | undefined): void {
  reached = hook;
}
