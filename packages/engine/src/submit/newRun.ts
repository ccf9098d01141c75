import { randomBytes } from "node:crypto";
import { BadRequest, experimentNameWarning, type JsonObject, mintRunId, NotFound } from "@switchyard/protocol";
import type { NewRun } from "@switchyard/store";
import type { EngineContext } from "../context.ts";

/** What a submission of any kind says about the run to be. */
export interface RunWishes {
  readonly experimentName: string;
  readonly runId?: string | undefined;
  readonly parentRunId?: string | undefined;
  readonly displayName?: string | undefined;
  readonly description?: string | undefined;
  readonly tags?: Readonly<Record<string, string | null>> | undefined;
  readonly properties?: Readonly<Record<string, string>> | undefined;
}

const DEFAULT_GRACE_SECONDS = 30;
/** Spec 05 §4. */
const MOST_LABELS = 50;

/** A run as every kind of run begins; the caller says what is peculiar to its own. */
export async function newRun(
  { store, clock }: EngineContext,
  workspace: string,
  wishes: RunWishes,
  own: Partial<NewRun> & Pick<NewRun, "type" | "target" | "state">,
): Promise<NewRun> {
  requireFewLabels(wishes);
  const now = clock.now();
  const parent = wishes.parentRunId === undefined ? null : await requireParent(store, workspace, wishes.parentRunId);
  const id = wishes.runId ?? mintRunId(wishes.experimentName, now, randomBytes(4).toString("hex"));
  const warning = experimentNameWarning(wishes.experimentName);
  return {
    id,
    workspace,
    experiment: wishes.experimentName,
    parentId: parent?.id ?? null,
    rootId: parent?.rootId ?? id,
    displayName: wishes.displayName ?? null,
    description: wishes.description ?? null,
    submittedBy: null,
    definition: {} as JsonObject,
    snapshotId: null,
    environmentName: null,
    environmentVersion: null,
    mayPrepare: false,
    outcome: null,
    error: null,
    preparing: false,
    unreachableSince: null,
    missingSince: null,
    cancelRequestedAt: null,
    cancelGraceSeconds: DEFAULT_GRACE_SECONDS,
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
    createdAt: now,
    startedAt: null,
    endedAt: null,
    removedAt: null,
    tags: wishes.tags ?? {},
    ...own,
    warnings: [...(warning === null ? [] : [warning]), ...(own.warnings ?? [])],
    properties: { ...wishes.properties, ...own.properties },
  };
}

async function requireParent(store: EngineContext["store"], workspace: string, id: string) {
  const parent = await store.runs.get(id);
  if (parent !== undefined && parent.workspace === workspace) return parent;
  throw new NotFound(`There is no run "${id}" in workspace "${workspace}" to be the parent.`);
}

function requireFewLabels({ tags = {}, properties = {} }: RunWishes): void {
  for (const [what, labels] of Object.entries({ tags, properties })) {
    const count = Object.keys(labels).length;
    if (count > MOST_LABELS) throw new BadRequest(`A run may have ${MOST_LABELS} ${what}; this one has ${count}.`);
  }
}
