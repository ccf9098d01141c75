import type { Piece } from "../metrics/extend.ts";
import type { TelemetryBatch, UsePoint } from "./batch.ts";

/** The points of a batch by the run they belong to, in the order they came. */
export function piecesByRun(batch: TelemetryBatch): Map<string, Piece[]> {
  const pieces = new Map<string, Piece[]>();
  const add = (runId: string, piece: Piece) => {
    const own = pieces.get(runId);
    if (own) own.push(piece);
    else pieces.set(runId, [piece]);
  };
  for (const { runId = batch.runId, name, attempt, values, steps, times, once = false } of batch.numbers ?? []) {
    add(runId, { origin: "script", kind: "number", name, attempt, values, steps, times, once });
  }
  for (const { runId = batch.runId, name, attempt, kind, value, step, time } of batch.values ?? []) {
    add(runId, { origin: "script", kind, name, attempt, values: [value], steps: [step], times: [time] });
  }
  for (const piece of piecesOfUse(batch.uses ?? [])) add(batch.runId, piece);
  return pieces;
}

/** One series per quantity; what could not be measured leaves no point. */
function* piecesOfUse(uses: readonly UsePoint[]): Generator<Piece> {
  for (const name of ["cpu", "memory", "gpu", "gpuMemory"] as const) {
    for (const { attempt, time, [name]: value } of uses) {
      if (value !== null) yield { origin: "host", kind: "number", name, attempt, values: [value], steps: [null], times: [time] };
    }
  }
}
