import { isLog } from "@switchyard/protocol";
import type { Work } from "../database/database.ts";
import { storable, storableName } from "../database/text.ts";
import { appendPoints } from "../metrics/append.ts";
import type { Piece } from "../metrics/extend.ts";
import { runMissing } from "../runs/missing.ts";
import { replaceRun } from "../runs/replace.ts";
import { addTimeline } from "../runs/timeline.ts";
import type { TelemetryBatch } from "./batch.ts";
import { endChildren, makeChildren } from "./children.ts";
import { moveCursors } from "./cursors.ts";
import { Family } from "./family.ts";
import { takeLabels } from "./labels.ts";
import { piecesByRun } from "./pieces.ts";
import { Stale } from "./stale.ts";
import { takeTracked } from "./tracked.ts";

/** Stores a batch inside a transaction. Throws Stale when somebody was faster. */
export async function takeBatch(work: Work, batch: TelemetryBatch): Promise<void> {
  const { db } = work;
  await lockRun(work, batch.runId);
  await moveCursors(db, batch.runId, batch.cursors);
  if (batch.record && !(await replaceRun(work, batch.record.was, batch.record.next))) throw new Stale();
  await takeResumes(work, batch);
  const family = await Family.load(db, batch.runId);
  await makeChildren(work, family, batch.children ?? []);
  await takePoints(work, family, batch);
  await takeLabels(work, family, batch);
  await takeTracked(work, family, batch);
  await takeSets(work, family, batch);
  await endChildren(work, family, batch.ends ?? []);
  await addTimeline(db, batch.runId, [...(batch.timeline ?? []), ...family.refusals()]);
  announceFiles(work, family, batch);
}

/** Makes takers of one run wait for each other; its children's series are written under the same lock. */
async function lockRun({ db }: Work, runId: string): Promise<void> {
  await db
    .updateTable("run_takes")
    .set((set) => ({ takes: set("takes", "+", 1) }))
    .where("run_id", "=", runId)
    .returning("takes")
    .executeTakeFirstOrThrow(runMissing(runId));
}

async function takeResumes({ db }: Work, { runId, resumes = [] }: TelemetryBatch): Promise<void> {
  if (resumes.length === 0) return;
  await db
    .insertInto("run_resumes")
    .values([...new Set(resumes)].map((attempt) => ({ run_id: runId, attempt })))
    .onConflict((conflict) => conflict.columns(["run_id", "attempt"]).doNothing())
    .execute();
}

async function takePoints(work: Work, family: Family, batch: TelemetryBatch): Promise<void> {
  for (const [runId, pieces] of piecesByRun(batch)) {
    if (runId !== batch.runId) {
      if (!(await family.admitsAbove(runId, "metrics"))) continue;
      await lockRun(work, runId);
    }
    await appendPoints(work.db, runId, await inItsAttempt(family, runId, pieces));
    const names = [...new Set(pieces.filter((piece) => piece.origin === "script").map((piece) => storableName(piece.name)))];
    if (names.length > 0) work.announce({ kind: "metrics", workspace: family.workspace, runId, names });
  }
}

/**
 * Points for a run above are of the attempt that this run is in, not of the speaker's: whoever was started again does not
 * hide what others logged there.
 */
async function inItsAttempt(family: Family, runId: string, pieces: readonly Piece[]): Promise<readonly Piece[]> {
  const above = runId === family.head.id ? undefined : await family.ancestor(runId);
  if (above === undefined) return pieces;
  const attempt = above.attempts.at(-1)?.number ?? 1;
  return pieces.map((piece) => ({ ...piece, attempt }));
}

async function takeSets({ db, announce }: Work, family: Family, batch: TelemetryBatch): Promise<void> {
  for (const { runId = batch.runId, name, value } of batch.sets ?? []) {
    if (!(await family.admits(runId, name))) continue;
    const text = storable(value);
    await db
      .updateTable("runs")
      .set(name === "displayName" ? { display_name: text } : { description: text })
      .where("id", "=", runId)
      .execute();
    announce({ kind: "run", workspace: family.workspace, runId, names: [] });
  }
}

function announceFiles({ announce }: Work, family: Family, { runId, cursors }: TelemetryBatch): void {
  const names = cursors.filter(({ file, was, now }) => now > was && isLog(file)).map(({ file }) => file);
  if (names.length > 0) announce({ kind: "files", workspace: family.workspace, runId, names });
}
