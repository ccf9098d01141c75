import { isNothing } from "../../runconfig/reading/given.ts";
import { type ConfigurationProblem, Problems } from "../../runconfig/reading/problem.ts";
import { readText } from "../../runconfig/reading/readText.ts";
import type { CondaDependencies } from "./dependencies.ts";
import { readCondaDependencies } from "./read.ts";

export interface ParsedCondaFile {
  /** null when there is an error among the problems */
  readonly dependencies: CondaDependencies | null;
  readonly problems: readonly ConfigurationProblem[];
}

/** Reads the text of a conda file and says everything that is wrong with it. */
export function parseCondaFile(text: string | Uint8Array, file: string): ParsedCondaFile {
  const problems = new Problems(file);
  const given = readText(text, problems);
  if (given !== null && isNothing(given))
    problems.error(given.at, "", 'the file is empty; it needs "dependencies:" and a list of packages');
  const dependencies = given === null || problems.hasErrors ? null : readCondaDependencies(given, { path: "", problems });
  return { dependencies: problems.hasErrors ? null : dependencies, problems: problems.all };
}
