import type { World } from "../world.ts";
import { complete } from "./complete.ts";

/** Answers `switchyard __complete -- WORDS…`, which the completion scripts ask: a word a line, a tab, what it is about. */
export async function answerCompletion(argv: readonly string[], world: World): Promise<void> {
  const words = argv[0] === "--" ? argv.slice(1) : argv;
  const candidates = await complete(words, world);
  world.stdout.write(candidates.map(({ word, about }) => `${word}${about === "" ? "" : `\t${oneLine(about)}`}\n`).join(""));
}

const oneLine = (text: string): string => text.replace(/\s+/g, " ");
