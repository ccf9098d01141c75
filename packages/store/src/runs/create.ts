import { AlreadyExists, Conflict, failPoint, type RunData } from "@switchyard/protocol";
import type { Queries, Work } from "../database/database.ts";
import { fromJson } from "../database/text.ts";
import { writeRunData } from "../datasets/runData.ts";
import { claimKey, type IdempotencyClaim } from "../idempotency/idempotency.ts";
import { HOW_TO_REACTIVATE, nextRunNumber } from "../workspaces/experiments.ts";
import { type Properties, type Tags, writeProperties, writeTags } from "./labels.ts";
import type { RunRecord } from "./record.ts";
import { fromRow, RECORD_COLUMNS, toRow } from "./row.ts";
import { addTimeline } from "./timeline.ts";

/** A run to be. Its number is counted by the store; its version begins at 1. */
export interface NewRun extends Omit<RunRecord, "number" | "version"> {
  readonly tags?: Tags;
  readonly properties?: Properties;
  /** what it reads from datastores and writes to them */
  readonly data?: RunData;
  /** the server instance that looks after it from the start; without one, the next `leases.acquire` decides */
  readonly owner?: string;
}

/** Creates a run inside a transaction, or finds the one that the same request made before. */
export async function createRun(work: Work, run: NewRun, idempotency?: IdempotencyClaim): Promise<RunRecord> {
  const { db } = work;
  const earlier = idempotency && (await claimKey(db, idempotency, run.id));
  if (earlier !== undefined) return (await findRun(db, fromJson<string>(earlier))) as RunRecord;
  await refuseDeletedExperiment(db, run);
  const record = await insertRun(work, run);
  if (!record) {
    throw new AlreadyExists(`A run with the id "${run.id}" exists already. Choose another id, or leave it out to get a new one.`, {
      details: { runId: run.id },
    });
  }
  await addTimeline(db, run.id, [{ at: run.createdAt, what: "submitted", detail: run.submittedBy ? `by ${run.submittedBy}` : null }]);
  failPoint("submit.before-commit");
  return record;
}

async function refuseDeletedExperiment(db: Queries, { workspace, experiment }: NewRun): Promise<void> {
  const row = await db
    .selectFrom("experiments")
    .select("deleted_at")
    .where("workspace", "=", workspace)
    .where("name", "=", experiment)
    .executeTakeFirst();
  if (row === undefined || row.deleted_at === null) return;
  throw new Conflict(`Experiment "${experiment}" is archived, so no run can begin in it. ${HOW_TO_REACTIVATE}`);
}

/** Inserts the run and all that every run has from the start; undefined when its id is taken. */
export async function insertRun({ db, announce }: Work, run: NewRun): Promise<RunRecord | undefined> {
  const { tags = {}, properties = {}, data, owner = null, ...fields } = run;
  const number = await nextRunNumber(db, run.workspace, run.experiment, run.createdAt);
  const record: RunRecord = { ...fields, number, version: 1 };
  const { numInsertedOrUpdatedRows } = await db
    .insertInto("runs")
    .values({ ...toRow(record), owner })
    .onConflict((conflict) => conflict.column("id").doNothing())
    .executeTakeFirstOrThrow();
  if (numInsertedOrUpdatedRows === 0n) return undefined;
  await db.insertInto("run_takes").values({ run_id: run.id, takes: 0 }).execute();
  await writeTags(db, run.id, tags);
  await writeProperties(db, run.id, properties);
  if (data !== undefined) await writeRunData(db, run.id, data);
  announce({ kind: "run", workspace: run.workspace, runId: run.id, names: [] });
  return fromRow({ ...toRow(record), owner: null } as never);
}

export async function findRun(db: Queries, id: string): Promise<RunRecord | undefined> {
  const row = await db.selectFrom("runs").select(RECORD_COLUMNS).where("id", "=", id).executeTakeFirst();
  return row && fromRow(row);
}
