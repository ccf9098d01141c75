import type { Health } from "@switchyard/compute";
import { nearestTarget, type Target } from "@switchyard/engine";
import { COMPUTE_KIND_NAMES, type ComputeTarget, computeKind, NotFound, supportedVmSizes } from "@switchyard/protocol";
import type { ComputeRecord } from "@switchyard/store";
import { presentCompute, presentLocal } from "../computes/present.ts";
import type { Handlers } from "../http/handler.ts";
import type { Parts } from "../parts.ts";

const CHECK_MS = 10_000;

type Names =
  | "listTargets"
  | "getTarget"
  | "createTarget"
  | "attachTarget"
  | "updateTarget"
  | "deleteTarget"
  | "detachTarget"
  | "getTargetCredentials"
  | "startTarget"
  | "stopTarget"
  | "restartTarget"
  | "listTargetNodes"
  | "simulatePreemption"
  | "listVmSizes"
  | "listComputeKinds";

/** Compute targets: what there is, whether it can take runs now, and what people do to it. */
export function computeHandlers({ store, targets, drivers, computes, kinds, client }: Parts): Pick<Handlers, Names> {
  const healthOf = async (target: Target | undefined, signal: AbortSignal): Promise<Health> => {
    const driver = target && drivers.get(target.driver);
    if (target?.closedBecause) return { ok: false, because: target.closedBecause };
    if (driver === undefined) return { ok: false, because: "This server has no driver for it." };
    try {
      return await driver.check(AbortSignal.any([signal, AbortSignal.timeout(CHECK_MS)]));
    } catch (error) {
      return { ok: false, because: error instanceof Error ? error.message : String(error) };
    }
  };
  const shown = async (record: ComputeRecord, asks: boolean, signal: AbortSignal): Promise<ComputeTarget> => {
    const health = asks ? await healthOf(targets.get(record.workspace, record.name), signal) : null;
    const status = (await kinds[record.type]?.status?.(record)) ?? null;
    return presentCompute(record, status, health, client);
  };
  const local = async (workspace: string, asks: boolean, signal: AbortSignal): Promise<ComputeTarget> =>
    presentLocal(asks ? await healthOf(targets.get(workspace, "local"), signal) : null);

  return {
    async listTargets({ params: { workspace }, query, signal }) {
      const asks = query.check ?? false;
      const records = await store.computes.list(workspace);
      return await Promise.all([local(workspace, asks, signal), ...records.map((record) => shown(record, asks, signal))]);
    },
    async getTarget({ params: { workspace, name }, query, signal }) {
      const asks = query.check ?? true;
      if (name.toLowerCase() === "local") return await local(workspace, asks, signal);
      const record = await store.computes.get(workspace, name);
      if (record !== undefined) return await shown(record, asks, signal);
      throw noTarget(nearestTarget(targets, workspace, name), workspace, name);
    },
    async createTarget({ params, body, caller, signal }) {
      return await shown(await computes.add(params.workspace, body, false, caller.user), false, signal);
    },
    async attachTarget({ params, body, caller, signal }) {
      return await shown(await computes.add(params.workspace, body, true, caller.user), false, signal);
    },
    async updateTarget({ params, body, signal }) {
      return await shown(await computes.update(params.workspace, params.name, body), false, signal);
    },
    async deleteTarget({ params }) {
      await computes.delete(params.workspace, params.name);
    },
    async detachTarget({ params }) {
      await computes.detach(params.workspace, params.name);
    },
    async getTargetCredentials({ params }) {
      return await computes.credentials(params.workspace, params.name);
    },
    async startTarget({ params, signal }) {
      return await shown(await computes.start(params.workspace, params.name), false, signal);
    },
    async stopTarget({ params, signal }) {
      return await shown(await computes.stop(params.workspace, params.name), false, signal);
    },
    async restartTarget({ params, signal }) {
      await computes.stop(params.workspace, params.name);
      return await shown(await computes.start(params.workspace, params.name), false, signal);
    },
    async listTargetNodes({ params }) {
      return [...(await computes.nodes(params.workspace, params.name))];
    },
    async simulatePreemption({ params, body, signal }) {
      return [...(await computes.preempt(params.workspace, params.name, body.nodeId, signal))];
    },
    async listVmSizes() {
      return [...supportedVmSizes()];
    },
    async listComputeKinds() {
      return COMPUTE_KIND_NAMES.map((type) => {
        const { word, title, creatable, attachable, available, capabilities } = computeKind(type);
        return { type, computeType: word, title, creatable, attachable, available, capabilities: { ...capabilities } };
      });
    },
  };
}

function noTarget(nearest: string | null, workspace: string, name: string): NotFound {
  const guess = nearest === null ? "List them to see which there are." : `Did you mean "${nearest}"?`;
  return new NotFound(`There is no compute target "${name}" in workspace "${workspace}". ${guess}`, { details: { nearest } });
}
