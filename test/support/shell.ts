import { execFile } from "node:child_process";

/** Runs a line as a person's shell does. */
export function runShell(
  line: string,
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Promise<{ readonly code: number; readonly output: string }> {
  return new Promise((done) => {
    execFile("sh", ["-c", line], { cwd, env: { ...process.env, ...env }, timeout: 240_000 }, (error, stdout, stderr) =>
      done({ code: error === null ? 0 : 1, output: stdout + stderr }),
    );
  });
}
