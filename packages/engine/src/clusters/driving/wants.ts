import { type JsonObject, normaliseRunConfiguration } from "@switchyard/protocol";
import type { RunStanding, Store } from "@switchyard/store";

/** What a run asks of a cluster; a run's configuration never changes, so it is read once. */
export interface Wants {
  readonly nodes: number;
  readonly priority: number;
  /** the longest it may have its nodes, its grace included; null when nothing limits it */
  readonly limitSeconds: number | null;
}

/** What a stopped script may take to end, and its data to come home. */
const BEYOND_LIMIT_SECONDS = 60;

/** Remembers what the runs on a cluster want, and forgets those that are over. */
export class WantsOfRuns {
  #known = new Map<string, Wants>();

  async of(store: Store, runs: readonly RunStanding[]): Promise<ReadonlyMap<string, Wants>> {
    const unknown = runs.flatMap(({ id }) => (this.#known.has(id) ? [] : [id]));
    const definitions = unknown.length === 0 ? new Map<string, JsonObject>() : await store.runs.definitionsOf(unknown);
    const next = new Map<string, Wants>();
    for (const { id } of runs) next.set(id, this.#known.get(id) ?? wantsOf(definitions.get(id) ?? {}));
    this.#known = next;
    return next;
  }
}

export function wantsOf(definition: JsonObject): Wants {
  const { nodeCount, maxRunDurationSeconds } = normaliseRunConfiguration(definition);
  return {
    nodes: nodeCount,
    priority: typeof definition.priority === "number" ? definition.priority : 0,
    limitSeconds: maxRunDurationSeconds === null ? null : maxRunDurationSeconds + BEYOND_LIMIT_SECONDS,
  };
}
