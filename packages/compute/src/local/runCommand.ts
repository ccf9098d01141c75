import { spawn } from "node:child_process";
import { ComputeUnreachable } from "@switchyard/protocol";
import type { CommandResult } from "../site/site.ts";
import { environmentOfJobs } from "./supervisor.ts";

/** Runs a command of this machine to its end. Throws ComputeUnreachable when it cannot be started. */
export async function runCommand(argv: readonly string[], signal: AbortSignal, input = ""): Promise<CommandResult> {
  const [program = "", ...words] = argv;
  const child = spawn(program, words, { env: environmentOfJobs(), stdio: ["pipe", "pipe", "pipe"], signal });
  const pieces = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  child.stdout.on("data", (piece: Buffer) => pieces.stdout.push(piece));
  child.stderr.on("data", (piece: Buffer) => pieces.stderr.push(piece));
  child.stdin.on("error", () => undefined); // it may leave without reading all
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  }).catch((error: Error) => {
    if (signal.aborted) throw signal.reason;
    throw new ComputeUnreachable(`Cannot run ${program} on this machine: ${error.message}.`, { cause: error });
  });
  return { code, stdout: Buffer.concat(pieces.stdout).toString("utf8"), stderr: Buffer.concat(pieces.stderr).toString("utf8") };
}
