import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { ComputeUnreachable, JOB_LAYOUT } from "@switchyard/protocol";
import type { SupervisorCommand } from "../site/site.ts";

/**
 * What a job must not inherit: settings and secrets of the server, and what npm adds for its own scripts. Which conda and
 * which container engine to use is said to the supervisor.
 */
const isOwn = (name: string): boolean => /^(SWITCHYARD_(?!(?:CONDA|DOCKER)$)|AZUREML_|npm_|INIT_CWD$|NODE_OPTIONS$|NODE_ENV$)/.test(name);

export const environmentOfJobs = (): NodeJS.ProcessEnv => Object.fromEntries(Object.entries(process.env).filter(([name]) => !isOwn(name)));

/**
 * Starts the job's own supervisor in a session of its own, holding nothing of this process, and does not wait for its end.
 * Node makes the session, so `run` needs no `launch` before it: a process less for every job.
 */
export async function supervise(directory: string, command: SupervisorCommand, words: readonly string[]): Promise<void> {
  const complaints = openComplaints(directory);
  try {
    const child = spawn("sh", [join(directory, JOB_LAYOUT.supervisor), command, directory, ...words], {
      cwd: "/",
      detached: true,
      env: environmentOfJobs(),
      stdio: ["ignore", "ignore", complaints ?? "ignore"],
    });
    child.unref();
    await once(child, "spawn");
  } catch (error) {
    const because = (error as Error).message;
    throw new ComputeUnreachable(`Cannot start a shell on this machine to ${command} ${directory}: ${because}.`, { cause: error });
  } finally {
    if (complaints !== null) closeSync(complaints);
  }
}

/** What a supervisor says before it has a log of its own; null when the directory takes no more. */
function openComplaints(directory: string): number | null {
  try {
    return openSync(join(directory, JOB_LAYOUT.own, "launch.log"), "a");
  } catch {
    return null;
  }
}
