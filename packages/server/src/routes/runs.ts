import { publicRun, type SubmitOptions } from "@switchyard/engine";
import { API_PREFIX, Conflict, NotFound, type Run } from "@switchyard/protocol";
import type { RunRecord, RunView } from "@switchyard/store";
import { type Caller, requireOwnRun, requireRelatedRun } from "../http/access.ts";
import type { Handlers, IdempotencyKey } from "../http/handler.ts";
import type { Parts } from "../parts.ts";
import { updateRun } from "../runs/updateRun.ts";

type Names =
  | "submitRun"
  | "startInteractiveRun"
  | "listRuns"
  | "getRun"
  | "updateRun"
  | "cancelRun"
  | "cleanRun"
  | "endRun"
  | "rerunRun"
  | "whyRun"
  | "diffRuns";

/** Runs, from submit to why. */
export function runHandlers({ store, engine, access, client }: Parts): Pick<Handlers, Names> {
  const viewOf = async (runId: string): Promise<RunView> => {
    const view = await store.runs.view(runId);
    if (view === undefined) throw new NotFound(`There is no run "${runId}".`);
    return view;
  };
  const shown = async ({ id }: Pick<RunRecord, "id">): Promise<Run> => publicRun(await viewOf(id));

  /** A run's own token makes and sees children of that run or of its descendants. */
  const parentFor = async (caller: Caller, asked: string | undefined): Promise<{ parentRunId?: string }> => {
    const parentRunId = asked ?? caller.runId ?? undefined;
    if (parentRunId === undefined) return {};
    await requireOwnRun(caller, parentRunId, access);
    return { parentRunId };
  };
  /** What a run submits, the person did who submitted that run. */
  const optionsFor = async (caller: Caller, idempotency: IdempotencyKey | undefined): Promise<SubmitOptions> => {
    const submittedBy = caller.runId === null ? caller.user : ((await store.runs.get(caller.runId))?.submittedBy ?? null);
    return { submittedBy, ...(idempotency && { idempotency }) };
  };

  return {
    async submitRun({ params, body, caller, idempotency }) {
      const submission = { ...body, ...(await parentFor(caller, body.parentRunId)) };
      return await shown(await engine.submit(params.workspace, submission, await optionsFor(caller, idempotency)));
    },
    async startInteractiveRun({ params, body, caller, idempotency }) {
      const run = { ...body, ...(await parentFor(caller, body.parentRunId)) };
      return await shown(await engine.startInteractive(params.workspace, run, await optionsFor(caller, idempotency)));
    },
    async listRuns({ params, query, caller }) {
      const parentRunId = query.parent ?? caller.runId ?? undefined;
      if (parentRunId !== undefined) await requireRelatedRun(caller, parentRunId, access);
      const page = await store.runs.list(params.workspace, parentRunId === undefined ? query : { ...query, parent: parentRunId });
      return { items: page.items.map(publicRun), next: page.next };
    },
    async getRun({ params: { workspace, runId } }) {
      const files = `${client.serverUrl}${API_PREFIX}/workspaces/${workspace}/runs/${runId}/files/`;
      return await engine.runDetails(await viewOf(runId), (path) => files + path.split("/").map(encodeURIComponent).join("/"));
    },
    async updateRun({ params, body, caller }) {
      // of the runs above, a run's own token changes what v1's client lets a script say of them, and not what they are called
      if (body.displayName !== undefined || body.description !== undefined) await requireOwnRun(caller, params.runId, access);
      await updateRun(store, await viewOf(params.runId), body);
      return await shown({ id: params.runId });
    },
    async cancelRun({ params, body }) {
      return await shown(await engine.cancel(params.runId, body.graceSeconds));
    },
    async cleanRun({ params }) {
      return { left: await engine.clean(params.runId) };
    },
    async endRun({ params, body }) {
      return await shown(await engine.endInteractive(params.runId, body));
    },
    async rerunRun({ params, body, caller, idempotency }) {
      return await shown(await engine.rerun(params.runId, body, await optionsFor(caller, idempotency)));
    },
    async whyRun({ params }) {
      return await engine.why(params.runId);
    },
    async diffRuns({ params, query }) {
      const other = await viewOf(query.with);
      if (other.record.workspace !== params.workspace) throw new Conflict(`Run ${query.with} is in workspace "${other.record.workspace}".`);
      return await engine.diff(params.runId, query.with);
    },
  };
}
