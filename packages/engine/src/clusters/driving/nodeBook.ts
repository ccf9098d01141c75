import type { NodeChanges, NodeRecord, Store } from "@switchyard/store";

/** The nodes of a cluster in one pass over it: what was read, and what is to be saved of it together. */
export class NodeBook {
  readonly #saved = new Map<string, NodeRecord>();
  readonly #now = new Map<string, NodeRecord>();

  constructor(nodes: readonly NodeRecord[]) {
    for (const node of nodes) {
      this.#saved.set(node.id, node);
      this.#now.set(node.id, node);
    }
  }

  get nodes(): readonly NodeRecord[] {
    return [...this.#now.values()];
  }

  /** Takes a node as it is to be from now on; one that is new is added. */
  put(node: NodeRecord): void {
    this.#now.set(node.id, node);
  }

  remove(id: string): void {
    this.#now.delete(id);
  }

  get isChanged(): boolean {
    return this.#now.size !== this.#saved.size || this.nodes.some((node) => this.#saved.get(node.id) !== node);
  }

  /** Saves all that was changed, or nothing. Throws OutOfDate when somebody else saved meanwhile. */
  async save(
    store: Store,
    computeId: string,
    holder: string,
    more: Omit<NodeChanges, "added" | "replaced" | "removed"> = {},
  ): Promise<void> {
    const added = this.nodes.filter(({ id }) => !this.#saved.has(id));
    const removed = [...this.#saved.values()].filter(({ id }) => !this.#now.has(id));
    const replaced = this.nodes.flatMap((node) => {
      const was = this.#saved.get(node.id);
      return was === undefined || was === node ? [] : [[was, node] as const];
    });
    if (!(await store.nodes.save(computeId, holder, { ...more, added, replaced, removed }))) throw new OutOfDate();
    for (const { id } of removed) this.#saved.delete(id);
    for (const [was, next] of replaced) this.put({ ...next, version: was.version + 1 });
    for (const node of this.nodes) this.#saved.set(node.id, node);
  }
}

/** Somebody else saved meanwhile: everything is read and decided anew. */
export class OutOfDate extends Error {
  constructor() {
    super("Somebody else changed the cluster meanwhile.");
  }
}
