import { defineCommand } from "../command.ts";
import { type CompletionWords, completionWords } from "./words.ts";

/** A command that prints the completion script of one shell. */
export function completionCommand(shell: string, howToLoad: string, script: (words: CompletionWords) => string) {
  return defineCommand({
    summary: `Print completion for ${shell}`,
    examples: [[howToLoad, `for this shell; put it into the start file of ${shell} for all`]],
    async act({ world }) {
      world.stdout.write(script(await completionWords()));
    },
  });
}
