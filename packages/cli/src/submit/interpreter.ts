import { join } from "node:path";

/**
 * The Python of the environment that is active in this shell, else `python3`. Only on this machine: elsewhere its path
 * means nothing.
 */
export function interpreterFor(env: Readonly<Record<string, string | undefined>>, target: string): string {
  const active = env.VIRTUAL_ENV || env.CONDA_PREFIX;
  return target === "local" && active ? join(active, "bin", "python") : "python3";
}
