import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { ComputeUnreachable, JOB_LAYOUT } from "@switchyard/protocol";

/** What a job must not inherit: settings and secrets of the server, and what npm adds for its own scripts. */
const isOwn = (name: string): boolean => /^(SWITCHYARD_|AZUREML_|npm_|INIT_CWD$|NODE_OPTIONS$|NODE_ENV$)/.test(name);

const environmentOfJobs = (): NodeJS.ProcessEnv => Object.fromEntries(Object.entries(process.env).filter(([name]) => !isOwn(name)));

/** Gives a job its supervisor. However often this is called, the first to claim the attempt is the one that runs it. */
export const launchJob = (directory: string): Promise<void> => supervise(directory, "run", [directory]);

/** Ends what a job started, also when this process is gone by then. */
export const stopJob = (directory: string, graceSeconds: number): Promise<void> =>
  supervise(directory, "stop", [directory, plainSeconds(graceSeconds), "canceled"]);

/** Lets an attempt whose supervisor died be ended by another. */
export const finishAttempt = (directory: string, attempt: number): Promise<void> =>
  supervise(directory, "finish", [directory, `${attempt}`]);

/**
 * Starts the job's own supervisor in a session of its own, holding nothing of this process, and does not wait for its end.
 * Node makes the session, so `run` needs no `launch` before it: a process less for every job.
 */
async function supervise(directory: string, command: string, words: readonly string[]): Promise<void> {
  const complaints = openComplaints(directory);
  try {
    const child = spawn("sh", [join(directory, JOB_LAYOUT.supervisor), command, ...words], {
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

/** A number without exponent, as the shell reads it. */
const plainSeconds = (seconds: number): string => (Math.ceil(Math.max(0, seconds) * 100) / 100).toFixed(2).replace(/\.?0+$/, "");
