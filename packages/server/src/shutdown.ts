import type { Logger } from "pino";

/** What has to be undone when the server stops or fails to start, last done first. */
export class Shutdown {
  readonly #steps: { readonly what: string; readonly undo: () => void | Promise<void> }[] = [];
  #done: Promise<void> | undefined;

  add(what: string, undo: () => void | Promise<void>): void {
    this.#steps.push({ what, undo });
  }

  /** Undoes everything once; a step that fails does not keep the others from being done. */
  run(log?: Logger): Promise<void> {
    this.#done ??= this.#undoAll(log);
    return this.#done;
  }

  async #undoAll(log: Logger | undefined): Promise<void> {
    for (const { what, undo } of this.#steps.toReversed()) {
      try {
        await undo();
      } catch (error) {
        log?.error({ err: error, what }, "stopping: a step failed");
      }
    }
  }
}
