import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { ComputeUnreachable } from "@switchyard/protocol";
import { environmentOfJobs } from "../local/supervisor.ts";
import type { ProcessTable } from "../site/processes.ts";
import { NODE_LAYOUT, readKeeper } from "./nodeFolder.ts";

/** Starts the keeper of a node in a session of its own, holding nothing of this process. A second one leaves at once. */
export async function launchKeeper(folder: string, tools: string): Promise<void> {
  let log: number | undefined;
  try {
    log = openSync(join(folder, NODE_LAYOUT.log), "a");
    const child = spawn("sh", [join(tools, "keeper.sh"), folder], {
      cwd: "/",
      detached: true,
      env: environmentOfJobs(),
      stdio: ["ignore", log, log],
    });
    child.unref();
    await once(child, "spawn");
  } catch (error) {
    throw new ComputeUnreachable(`Cannot start the keeper of node ${folder} on this machine: ${(error as Error).message}.`, {
      cause: error,
    });
  } finally {
    if (log !== undefined) closeSync(log);
  }
}

/** Lets a keeper look at its folder now. Its `sleep` it ends itself. */
export function rouseKeeper(folder: string, processes: ProcessTable): void {
  const keeper = readKeeper(folder);
  if (keeper !== null && processes.isAlive(keeper, keeper.bootId)) signalIfThere(keeper.pid, "SIGTERM");
}

/** Ends a keeper that has nothing more to do, with what it runs; also what a keeper that was killed has left. */
export function endKeeper(folder: string, processes: ProcessTable): void {
  const keeper = readKeeper(folder);
  if (keeper === null || (keeper.bootId !== null && keeper.bootId !== processes.bootId)) return;
  // Its number belongs to somebody else by now: then its session is over, for until then it is not given out again.
  const isSomebodyElse = !processes.isAlive(keeper, null) && processes.isAlive({ pid: keeper.pid, start: null }, null);
  if (!isSomebodyElse) signalIfThere(-keeper.pid, "SIGKILL");
}

function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
