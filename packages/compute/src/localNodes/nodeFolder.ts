import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { NodePhase, NodeRequest, SeenNode } from "../nodes/provider.ts";
import type { ProcessTable } from "../site/processes.ts";
import { readText } from "../site/readText.ts";

/** Names in a node's folder; the keeper's own list of them is in `supervisor/keeper.sh`. */
export const NODE_LAYOUT = {
  request: "node.json",
  expiry: "expiry",
  jobs: "jobs",
  notice: "notice",
  claim: "claim",
  keeper: "keeper",
  ending: "ending",
  ended: "ended",
  log: "keeper.log",
  /** temporary files of the job on the node; emptied between jobs */
  tmp: "tmp",
  /** for whatever a job wants to keep as long as it has the node */
  scratch: "scratch",
} as const;

/** What a node's folder tells. */
export interface NodeOnDisk extends SeenNode {
  readonly folder: string;
  readonly request: NodeRequest;
  /** no keeper has claimed it yet */
  readonly isUnclaimed: boolean;
}

const CLAIMING_MS = 60_000;

/** Reads a node's folder; null when it is not there, or not a node's. */
export function readNode(folder: string, processes: ProcessTable, nowMs = Date.now()): NodeOnDisk | null {
  const request = readRequest(folder);
  if (request === null) return null;
  const { phase, because } = standingOf(folder, processes, nowMs);
  const has = (name: string) => existsSync(join(folder, name));
  return {
    id: request.id,
    cluster: request.cluster,
    phase,
    because,
    jobs: jobsOf(folder),
    address: { privateIp: "127.0.0.1", publicIp: null, sshPort: null },
    variables: { SWITCHYARD_NODE_DIR: folder, TMPDIR: join(folder, NODE_LAYOUT.tmp) },
    folder,
    request,
    isUnclaimed: !has(NODE_LAYOUT.claim) && !has(NODE_LAYOUT.ended),
  };
}

interface Standing {
  readonly phase: NodePhase;
  readonly because: string | null;
}

/** The keeper is looked at before what it may have written last. */
function standingOf(folder: string, processes: ProcessTable, nowMs: number): Standing {
  const keeper = readKeeper(folder);
  const lives = keeper !== null && processes.isAlive(keeper, keeper.bootId);
  const ended = readText(join(folder, NODE_LAYOUT.ended)).trim();
  if (ended !== "") return ENDINGS[ended] ?? { phase: "lost", because: `it says that it ended: ${ended.slice(0, 100)}` };
  const isEnding = [NODE_LAYOUT.ending, NODE_LAYOUT.notice].some((name) => existsSync(join(folder, name)));
  if (lives) return isEnding ? { phase: "leaving", because: null } : { phase: "ready", because: null };
  if (keeper !== null) {
    // killed while it carried out a notice: its owner has it back, however it went
    if (existsSync(join(folder, NODE_LAYOUT.notice))) return ENDINGS.preempted as Standing;
    return { phase: "lost", because: "its keeper is gone: the process was killed, or the machine was started anew" };
  }
  const claim = statSync(join(folder, NODE_LAYOUT.claim), { throwIfNoEntry: false });
  if (claim !== undefined && nowMs - claim.mtimeMs > CLAIMING_MS) return { phase: "lost", because: "its keeper died while it began" };
  return { phase: "preparing", because: readText(join(folder, NODE_LAYOUT.log)).trim().split("\n").at(-1) || null };
}

const ENDINGS: Readonly<Record<string, Standing>> = {
  expired: { phase: "ended", because: "nobody renewed its expiry while it was idle" },
  preempted: { phase: "preempted", because: "it was wanted back" },
  deleted: { phase: "ended", because: "it was deleted" },
};

/** Who keeps a node; null before anybody said so. */
export function readKeeper(folder: string): { readonly pid: number; readonly start: string; readonly bootId: string | null } | null {
  const [pid, start, boot] = readText(join(folder, NODE_LAYOUT.keeper)).trim().split(" ");
  if (!Number(pid) || start === undefined) return null;
  return { pid: Number(pid), start, bootId: boot === undefined || boot === "-" ? null : boot };
}

function readRequest(folder: string): NodeRequest | null {
  try {
    return JSON.parse(readText(join(folder, NODE_LAYOUT.request))) as NodeRequest;
  } catch {
    return null;
  }
}

function jobsOf(folder: string): string[] {
  try {
    return readdirSync(join(folder, NODE_LAYOUT.jobs))
      .filter((name) => !name.startsWith("."))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
