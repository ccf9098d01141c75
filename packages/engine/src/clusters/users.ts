import { JobRejected } from "@switchyard/protocol";

/** What keeps the runs of different people apart on a cluster's nodes. */
export type Isolation =
  /** every node is a process of one account of one machine */
  | "none"
  /** nodes are containers, machines or accounts of their own */
  | "nodes";

/**
 * Refuses a second user where nodes cannot keep people apart: all runs there belong to one account and could read each
 * other's files and tokens. `null` is somebody without a name, who is somebody else than anyone with one.
 */
export function requireSameUser(cluster: string, isolation: Isolation, owner: string | null, submitter: string | null): void {
  if (isolation === "nodes" || owner === submitter) return;
  throw new JobRejected(
    `"${cluster}" is used by ${nameOf(owner)}, and its nodes are processes of one account on one machine: runs of ${nameOf(submitter)} there could be read by the other. ` +
      "Create a cluster of your own, or use one whose nodes are containers or machines.",
  );
}

const nameOf = (user: string | null): string => (user === null ? "somebody without a name" : `"${user}"`);
