import type { ComputeTarget } from "@switchyard/protocol";
import type { Paint } from "../../output/paint.ts";
import { listing } from "../../output/table.ts";
import { localTime } from "../../output/words.ts";
import { CAPABILITY_WORDS } from "./capabilityWords.ts";

/** Almost every target has these, so a list of targets does without them. */
const COMMON: ReadonlySet<string> = new Set(["submit", "systemManagedEnvironments", "datasets"]);
/** All short words fit; nothing is cut from a name or a reason either. */
export const LIST_CELL_WIDTH = 120;

/** One target as a row of a list. */
export function targetRow(target: ComputeTarget, checked: boolean) {
  const { name, type, reason, healthy } = target;
  return {
    name,
    type,
    state: stateOf(target),
    nodes: nodesText(target),
    capabilities: capabilitiesText(target.capabilities),
    ...(checked ? { ready: healthy === null ? "" : healthy ? "yes" : "no", reason } : {}),
  };
}

/** Everything a person wants to know of one target. */
export function targetText(target: ComputeTarget, paint: Paint): string {
  const { provisioningErrors, status, settings } = target;
  return listing([
    ["Name", paint.bold(target.name)],
    ["Type", `${target.type} (${target.computeType})${target.attached ? ", attached" : ""}`],
    ["State", paintState(stateOf(target), paint)],
    ["Errors", provisioningErrors.map(({ message }) => message).join("\n")],
    ["Ready", target.healthy === null ? "" : target.healthy ? "yes" : `no: ${target.reason}`],
    ["Note", target.healthy === true ? target.reason : null],
    ["Nodes", nodesText(target)],
    ["Settings", fields(settings)],
    ["Status", status === null ? null : fields(status)],
    ["Can", capabilitiesText(target.capabilities)],
    ["Description", target.description],
    ["Tags", target.tags],
    ["Location", target.location],
    ["Created", [localTime(target.createdUtc), target.createdBy && `by ${target.createdBy}`].filter(Boolean).join(" ")],
  ]);
}

/** The kind's own word once the target is made: `Running`, `Stopped`, `Resizing`. */
export function stateOf({ provisioningState, status }: Pick<ComputeTarget, "provisioningState" | "status">): string {
  if (provisioningState !== "Succeeded") return provisioningState;
  const own = status?.state ?? status?.allocationState;
  return typeof own === "string" ? own : provisioningState;
}

function paintState(state: string, paint: Paint): string {
  if (/fail|unusable|unknown/i.test(state)) return paint.red(state);
  return /^(succeeded|running|jobrunning|steady)$/i.test(state) ? paint.green(state) : paint.yellow(state);
}

/** `2 of 4` for a cluster, `7` where they are a partition's that others use as well, nothing for a machine. */
function nodesText({ status, settings }: ComputeTarget): string {
  const { maxNodes } = settings;
  if (typeof maxNodes !== "number") return "";
  const there = `${Number(status?.currentNodeCount ?? 0)}`;
  return settings.backend === "slurm" ? there : `${there} of ${maxNodes}`;
}

/** `gpu tuning automl`; what holds only under a condition carries a star. */
export function capabilitiesText(capabilities: ComputeTarget["capabilities"]): string {
  return Object.entries(CAPABILITY_WORDS)
    .filter(([key]) => capabilities[key] && !COMMON.has(key))
    .map(([key, short]) => (typeof capabilities[key] === "string" ? `${short}*` : short))
    .join(" ");
}

/** The values that are there, one to a line. */
function fields(values: object): string {
  return listing(Object.entries(values).filter(([, value]) => value !== null && value !== undefined && value !== ""));
}
