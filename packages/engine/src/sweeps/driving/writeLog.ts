import type { EngineContext } from "../../context.ts";
import { SWEEP_LOG } from "./logLines.ts";

/** The log of one sweep as its journal tells it. Text that is there already is not written again. */
export class SweepLog {
  readonly #context: EngineContext;
  readonly #runId: string;
  /** what was not written yet, and where it begins */
  #pending: Buffer[] = [];
  #from = 0;
  #size: number | null = null;

  constructor(context: EngineContext, runId: string) {
    this.#context = context;
    this.#runId = runId;
  }

  /** Adds what an entry says, in the order of the journal from its beginning. */
  add(text: string): void {
    if (text !== "") this.#pending.push(Buffer.from(text));
  }

  /** Writes what the file lacks: its text follows from the journal, so its length says how far it was written. */
  async flush(): Promise<void> {
    if (this.#pending.length === 0) return;
    const { artifacts, store } = this.#context;
    this.#size ??= (await artifacts.runFiles.stat(this.#runId, SWEEP_LOG))?.size ?? 0;
    const bytes = Buffer.concat(this.#pending);
    const end = this.#from + bytes.length;
    if (end > this.#size) {
      const offset = Math.max(this.#from, this.#size);
      await artifacts.runFiles.writeAt(this.#runId, SWEEP_LOG, offset, bytes.subarray(offset - this.#from));
      this.#size = end;
      await store.runs.announceFiles(this.#runId, [SWEEP_LOG]);
    }
    this.#pending = [];
    this.#from = end;
  }
}
