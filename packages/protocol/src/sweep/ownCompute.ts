const STAYS = "a managed cluster, a machine over SSH, a compute instance or local";

/**
 * Why no sweep can have the compute that its run configuration names by a kind instead of a target's name: what is made for one run
 * goes with the first trial (F97). Null for all other words.
 */
export function ownComputeProblem(target: string): string | null {
  switch (target.trim().toLowerCase()) {
    case "amlcompute":
      return 'A sweep cannot have a cluster of its own (target "amlcompute"), which would go with its first trial. Create a cluster and name it: `switchyard computetarget create amlcompute -n NAME …`, then target NAME.';
    case "containerinstance":
      return `A sweep cannot have container instances (target "containerinstance"): each is made for one run, and the kind does not support hyperparameter tuning. Send the sweep to ${STAYS}.`;
    default:
      return null;
  }
}
