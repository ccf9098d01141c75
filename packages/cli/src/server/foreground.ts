import { spawn } from "node:child_process";
import { EXIT } from "../errors.ts";

/** Runs the server as a child that shares this terminal, passes signals on, and gives back its exit code. */
export function runInForeground(
  command: readonly [string, ...string[]],
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  const [program, ...first] = command;
  return new Promise((ended, failed) => {
    const child = spawn(program, [...first, ...args], { stdio: "inherit", env: { ...env } });
    const passOn = (signal: NodeJS.Signals) => child.kill(signal);
    process.on("SIGTERM", passOn);
    process.on("SIGINT", () => {}); // the terminal sends it to the child as well, which stops gracefully
    child.once("error", failed);
    child.once("exit", (code, signal) => ended(code ?? (signal === "SIGINT" ? EXIT.interrupted : EXIT.failed)));
  });
}
