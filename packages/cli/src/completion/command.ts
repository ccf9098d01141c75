import { defineCommand } from "../command.ts";
import type { Program } from "./scripts.ts";

/** A command that prints the completion script of one shell. */
export function completionCommand(shell: string, howToLoad: string, script: (program: Program) => string) {
  return defineCommand({
    summary: `Print completion for ${shell}`,
    description:
      "Commands, options and their values: run ids, compute targets, experiments, environments, workspaces, run configurations.\n" +
      "Names are asked of the server when it runs; none is started. `az ml` is completed as well",
    examples: [[howToLoad, `for this shell; put it into the start file of ${shell} for all`]],
    async act({ world }) {
      world.stdout.write(script(world.program));
    },
  });
}
