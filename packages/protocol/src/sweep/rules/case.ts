import { entryOf } from "../../runconfig/reading/collections.ts";
import type { Given } from "../../runconfig/reading/given.ts";
import type { Position, Problems } from "../../runconfig/reading/problem.ts";
import type { SweepConfiguration } from "../configuration.ts";

/** What the rules look at: the sweep with its defaults, what was really given, and whose rules hold. */
export interface SweepCase {
  readonly configuration: SweepConfiguration;
  readonly given: Given;
  readonly problems: Problems;
  readonly rules: "v1" | "own";
  readonly fixedArguments?: readonly string[] | undefined;
  readonly generates?: boolean | undefined;
}

/** Where a key was given; the nearest section around it when it was not. */
export function placeOf(given: Given, ...path: readonly string[]): Position | null {
  let at = given.at;
  let section: Given | undefined = given;
  for (const name of path) {
    const entry = entryOf(section, name);
    if (entry === undefined) break;
    at = entry.at;
    section = entry.value;
  }
  return at;
}

/** Where the parameter of this index was given. */
export function placeOfParameter(given: Given, index: number): Position | null {
  const space = entryOf(entryOf(given, "sampling")?.value, "parameterSpace")?.value;
  if (space?.kind === "list") return space.items[index]?.at ?? space.at;
  return space?.kind === "map" ? (space.entries[index]?.at ?? space.at) : null;
}

/** Something that v1 never had: an error by its rules, and nothing to be told of by ours, since nobody writes it by mistake. */
export function refuseUnknownInV1(facts: SweepCase, at: Position | null, path: string, message: string): void {
  if (facts.rules === "v1") facts.problems.error(at, path, message);
}

/** Something v1 refuses and Switchyard can do: an error by the rules of v1, else a warning that says so. */
export function refuseInV1(facts: SweepCase, at: Position | null, path: string, message: string, instead: string): void {
  if (facts.rules === "v1") facts.problems.error(at, path, `${message}; ${instead}`);
  else facts.problems.warning(at, path, `${message} in Azure ML v1; Switchyard allows it`);
}
