/** Some nodes that come free together, and when at the latest; null when nobody knows. */
export interface ComingFree {
  readonly nodes: number;
  readonly atMs: number | null;
}

/** What the first run that cannot start is promised: later runs may not put this off. */
export interface Reservation {
  /** when it can start at the latest; null when that depends on a run without a time limit */
  readonly atMs: number | null;
  /** nodes that it will leave over then, whatever the order in which others end: free for runs of any length */
  spare: number;
}

/**
 * Reserves nodes for a run that wants more than there are (EASY back-filling). `have` nodes can be had now; it lacks
 * `lacking` more, which come from runs that end.
 */
export function reserve(lacking: number, coming: readonly ComingFree[]): Reservation {
  const known = coming.filter((each): each is ComingFree & { atMs: number } => each.atMs !== null).sort((a, b) => a.atMs - b.atMs);
  let freed = 0;
  for (let i = 0; i < known.length; i += 1) {
    const each = known[i] as ComingFree & { atMs: number };
    freed += each.nodes;
    // all that end in the same instant
    if (freed >= lacking && known[i + 1]?.atMs !== each.atMs) return { atMs: each.atMs, spare: freed - lacking };
  }
  return { atMs: null, spare: leastCrossing(lacking, coming) - lacking };
}

/**
 * The fewest nodes that have come free in the moment in which `wanted` are reached, over all orders in which runs may
 * end: the least sum of a subset that is at least `wanted`. More than that nobody may count on.
 */
function leastCrossing(wanted: number, coming: readonly ComingFree[]): number {
  const total = coming.reduce((sum, { nodes }) => sum + nodes, 0);
  if (total < wanted) return wanted;
  let reachable = 1n; // bit s: some runs have s nodes together
  for (const { nodes } of coming) reachable |= reachable << BigInt(nodes);
  reachable >>= BigInt(wanted);
  let sum = wanted;
  while ((reachable & 1n) === 0n) {
    reachable >>= 1n;
    sum += 1;
  }
  return sum;
}
