import { execFile } from "node:child_process";

/** One thing looked at. `missing`: runs cannot work without it; `hint`: something works less well. */
export interface Check {
  readonly name: string;
  readonly state: "ok" | "hint" | "missing";
  readonly found: string;
  /** what it is needed for and what to do; null when all is well */
  readonly advice: string | null;
}

export const ok = (name: string, found: string): Check => ({ name, state: "ok", found, advice: null });
export const hint = (name: string, found: string, advice: string): Check => ({ name, state: "hint", found, advice });
export const missing = (name: string, found: string, advice: string): Check => ({ name, state: "missing", found, advice });

/** No tool may keep the doctor waiting longer. */
const PATIENCE_MS = 10_000;

/** What a command prints, trimmed; null when it cannot be run or fails. */
export function ask(command: string, args: readonly string[], env: Readonly<Record<string, string | undefined>>): Promise<string | null> {
  return new Promise((answer) => {
    execFile(command, [...args], { env: { ...env }, timeout: PATIENCE_MS }, (error, stdout, stderr) => {
      answer(error ? null : (stdout || stderr).trim());
    });
  });
}

/** Which of these commands are on the PATH. */
export async function findCommands(names: readonly string[], env: Readonly<Record<string, string | undefined>>): Promise<string[]> {
  const found = await Promise.all(names.map((name) => ask("sh", ["-c", `command -v ${name}`], env)));
  return names.filter((_, i) => found[i]);
}
