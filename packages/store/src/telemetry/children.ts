import type { Work } from "../database/database.ts";
import { findRun, insertRun } from "../runs/create.ts";
import type { RunRecord } from "../runs/record.ts";
import { replaceRun } from "../runs/replace.ts";
import { addTimeline } from "../runs/timeline.ts";
import type { ChildEnd, NewChild } from "./batch.ts";
import type { Family } from "./family.ts";

/** Makes the runs that the script made. One that is there already, from an earlier try, is met again. */
export async function makeChildren(work: Work, family: Family, children: readonly NewChild[]): Promise<void> {
  for (const child of children) {
    const parentId = child.runId ?? family.head.id;
    if (!(await family.admits(parentId, "children"))) continue;
    const at = child.time === undefined ? new Date() : new Date(child.time);
    const made = await insertRun(work, childOf(family.head, parentId, child, at));
    if (made) {
      family.adopt(child.id);
      await addTimeline(work.db, child.id, [{ at, what: "submitted", detail: `by the script of run ${parentId}` }]);
    } else if (!(await family.isMember(child.id))) {
      family.note("refused", `The script made a child with the id "${child.id}", which another run already has.`);
    }
  }
}

/** A run that the script itself executes: it runs from the moment it is made, and no driver carries it. */
function childOf(head: RunRecord, parentId: string, { id, name }: NewChild, at: Date): Omit<RunRecord, "number" | "version"> {
  const { number: _, version: __, ...inherited } = head;
  return {
    ...inherited,
    id,
    parentId,
    rootId: head.rootId,
    type: "azureml.childrun",
    displayName: name,
    description: null,
    definition: {},
    mayPrepare: false,
    state: "running",
    outcome: null,
    error: null,
    warnings: [],
    preparing: false,
    unreachableSince: null,
    missingSince: null,
    cancelRequestedAt: null,
    cancelSentAt: null,
    cancelReason: null,
    failure: null,
    jobId: null,
    launches: 0,
    handle: null,
    waitsFor: null,
    attempts: [],
    left: [],
    sealedSecrets: null,
    createdAt: at,
    startedAt: at,
    endedAt: null,
    removedAt: null,
  };
}

/** Ends children that the script executed itself and said to be over. */
export async function endChildren(work: Work, family: Family, ends: readonly ChildEnd[]): Promise<void> {
  for (const { runId, outcome, error, time } of ends) {
    if (runId === family.head.id || !(await family.admits(runId, "an end"))) continue;
    const was = await findRun(work.db, runId);
    if (!was || was.state === "ended" || was.jobId !== null) continue;
    const at = new Date(time);
    await replaceRun(work, was, { ...was, state: "ended", outcome, error, endedAt: at });
    await addTimeline(work.db, runId, [{ at, what: "ended", detail: error?.message ?? null }]);
  }
}
