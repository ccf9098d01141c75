import { argumentName, type JsonObject, optionsOf, type Sampling, type SweepParameter, type TrialValues } from "@switchyard/protocol";
import { nearest } from "../../nearest.ts";
import { spaceOf } from "../space/space.ts";
import { coordinatesOf } from "../space/values.ts";

/** Values that somebody asks for, by the names that the space has for them: with and without dashes it is one argument. */
export function inWordsOfSpace(space: readonly SweepParameter[], values: JsonObject): JsonObject {
  const known = new Map(namesIn(space).map((name) => [argumentName(name), name]));
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [known.get(argumentName(name)) ?? name, value]));
}

/**
 * What may be wrong about values that somebody asked for, in words. They are tried as they are, since a person may well look
 * beyond the space; nothing is said where there is none.
 */
export function doubtsAbout({ parameterSpace, type }: Sampling, trial: TrialValues): string[] {
  if (parameterSpace.length === 0) return [];
  const names = namesIn(parameterSpace);
  const strangers = Object.keys(trial.values).filter((name) => !names.includes(name));
  const doubts = strangers.map((name) => {
    const meant = nearest(name, names);
    return `"${name}" is no parameter of the sweep's space and goes to the script as it is${meant === null ? "." : `; did you mean "${meant}"?`}`;
  });
  if (coordinatesOf(spaceOf(parameterSpace), trial) !== null) return doubts;
  const so = type === "bayesian" ? ", so the sampler learns nothing from them" : "";
  return [...doubts, `The values lie outside of the sweep's space${so}: one is missing, or is none that its expression draws.`];
}

/** Of the parameters inside of options too. */
function namesIn(space: readonly SweepParameter[]): string[] {
  return space.flatMap(({ name, expression }) => {
    const options = expression[0] === "choice" ? optionsOf(expression) : [];
    return [name, ...options.flatMap((option) => (option.kind === "space" ? namesIn(option.parameters) : []))];
  });
}
