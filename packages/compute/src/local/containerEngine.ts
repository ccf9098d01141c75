import { Conflict } from "@switchyard/protocol";
import type { CommandResult } from "../site/site.ts";
import { runCommand } from "./runCommand.ts";

/** Throws Conflict, in words for a person, unless this machine has a container engine that works: the one that a run's supervisor finds. */
export async function requireContainerEngine(signal: AbortSignal): Promise<void> {
  const named = process.env.SWITCHYARD_DOCKER;
  const engines = named ? [named] : ["docker", "podman"];
  const problems: string[] = [];
  for (const engine of engines) {
    const info = await askEngine(engine, signal);
    if (info === null) continue;
    if (info.code === 0 && !/cannot connect|permission denied/i.test(info.stderr)) return;
    problems.push(`the container engine ${engine} on this machine cannot be used: "${info.stderr.trim().split("\n").at(-1) ?? ""}"`);
    // as the supervisor does it: where somebody says where the engine is, no other one is tried
    if (process.env.DOCKER_HOST) break;
  }
  throw new Conflict(
    problems.length > 0
      ? `Runs are to be in containers, and ${problems.join("; ")}. Start it, or give the account of the server the right to use it.`
      : `Runs are to be in containers, and this machine has no ${engines.join(" or ")}. Install Docker or Podman, or name the engine's command in SWITCHYARD_DOCKER and start the server again.`,
  );
}

/** What the engine says of itself; null when there is no such command. */
async function askEngine(engine: string, signal: AbortSignal): Promise<CommandResult | null> {
  try {
    return await runCommand([engine, "info"], signal);
  } catch (error) {
    if (signal.aborted) throw error;
    return null;
  }
}
