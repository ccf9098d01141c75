import { requireTarget, type Target } from "@switchyard/engine";
import { type ComputeTarget, NotFound, UnknownTarget } from "@switchyard/protocol";
import type { Handlers } from "../http/handler.ts";
import type { Parts } from "../parts.ts";

const CHECK_MS = 10_000;

/** Compute targets and whether they can take jobs now. */
export function computeHandlers({ targets, drivers }: Parts): Pick<Handlers, "listTargets" | "getTarget"> {
  const shown = async (target: Target, signal: AbortSignal): Promise<ComputeTarget> => {
    const health = await healthOf(target, signal);
    return {
      name: target.name,
      type: target.type,
      driver: target.driver,
      provisioningState: health.ok ? "Succeeded" : "Failed",
      healthy: health.ok,
      reason: health.ok ? (health.note ?? null) : health.because,
      capabilities: { ...target.capabilities },
    };
  };
  const healthOf = async ({ driver }: Target, signal: AbortSignal) => {
    const known = drivers.get(driver);
    if (known === undefined) return { ok: false as const, because: `This server has no driver "${driver}".` };
    try {
      return await known.check(AbortSignal.any([signal, AbortSignal.timeout(CHECK_MS)]));
    } catch (error) {
      return { ok: false as const, because: error instanceof Error ? error.message : String(error) };
    }
  };
  return {
    async listTargets({ signal }) {
      return await Promise.all(targets.list().map((target) => shown(target, signal)));
    },
    async getTarget({ params, signal }) {
      try {
        return await shown(requireTarget(targets, params.name), signal);
      } catch (error) {
        if (error instanceof UnknownTarget) throw new NotFound(error.message, { details: error.details, cause: error });
        throw error;
      }
    },
  };
}
