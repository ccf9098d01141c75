import { Conflict, PathEscape } from "@switchyard/protocol";
import type { EngineContext } from "../context.ts";
import { storagePathOf } from "../present/runFiles.ts";
import type { Watch } from "../reconciler/watch.ts";

/** Bytes of a growing file of an attempt, and where in it they belong. */
export interface Piece {
  readonly attempt: number;
  readonly file: string;
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** Writes a piece where it belongs. What the storage can never take is left out with a warning: no run may wait for it for ever. */
export async function storeBytes({ artifacts: { runFiles } }: EngineContext, watch: Pick<Watch, "id" | "warnings">, piece: Piece) {
  const { attempt, file, offset, bytes } = piece;
  const path = storagePathOf(attempt, file);
  const warn = (what: string) => watch.warnings.add(`The log "${file.slice(0, 100)}" ${what}`);
  try {
    await runFiles.writeAt(watch.id, path, offset, bytes);
  } catch (error) {
    if (error instanceof PathEscape) warn("was not kept: its name is not a path inside the run.");
    else if (!(error instanceof Conflict)) throw error;
    else if (typeof error.details.size !== "number") warn("was not kept: a folder of the run has its name, or a file that of its folder.");
    else {
      const lost = offset - error.details.size;
      warn(`lacks ${lost} bytes: they had come home, and the storage has lost them.`);
      await runFiles.writeAt(watch.id, path, error.details.size, Buffer.concat([Buffer.alloc(lost, "\n"), bytes]));
    }
  }
}
