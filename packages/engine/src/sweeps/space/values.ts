import { isSameValue, type JsonValue, type TrialValues } from "@switchyard/protocol";
import { coordinateOf, numberAt } from "./dimension.ts";
import { isActive, type Space, type SpaceParameter } from "./space.ts";

/** A place in the space: one number for each parameter, NaN where the parameter is not there. */
export type Coordinates = Float64Array;

/** What the script is given for a place in the space. */
export function valuesOf({ parameters }: Space, coordinates: Coordinates): TrialValues {
  const values: [string, JsonValue][] = [];
  const branches: [string, number][] = [];
  parameters.forEach((parameter, index) => {
    const coordinate = coordinates[index]!;
    if (Number.isNaN(coordinate)) return;
    const value = scriptValue(parameter, coordinate);
    if (value !== undefined) values.push([parameter.name, value]);
    if (parameter.isNested) branches.push([parameter.path, coordinate]);
  });
  return { values: Object.fromEntries(values), branches: Object.fromEntries(branches) };
}

function scriptValue({ dimension }: SpaceParameter, coordinate: number): JsonValue | undefined {
  if (dimension.kind === "numeric") return numberAt(dimension, coordinate);
  const option = dimension.options[coordinate]!;
  return option.kind === "value" ? option.value : undefined;
}

/**
 * Where a trial's values lie. Null when they do not belong to this space: a value that it never draws, or one that is
 * missing. Values of somebody else's optimiser need not say their branches; the first one that fits is taken.
 */
export function coordinatesOf(space: Space, trial: TrialValues): Coordinates | null {
  const coordinates = new Float64Array(space.parameters.length).fill(Number.NaN);
  for (let index = 0; index < coordinates.length; index++) {
    if (!isActive(space.parameters[index]!, coordinates)) continue;
    const coordinate = place(space, index, trial);
    if (Number.isNaN(coordinate)) return null;
    coordinates[index] = coordinate;
  }
  return coordinates;
}

function place(space: Space, index: number, trial: TrialValues): number {
  const parameter = space.parameters[index]!;
  const { dimension, name, path, isNested } = parameter;
  const branch = isNested ? trial.branches[path] : undefined;
  if (dimension.kind === "numeric") return Object.hasOwn(trial.values, name) ? coordinateOf(dimension, trial.values[name]!) : Number.NaN;
  if (branch !== undefined) return branch < dimension.options.length ? branch : Number.NaN;
  const found = dimension.options.findIndex((option, at) => {
    if (option.kind === "value") return Object.hasOwn(trial.values, name) && isSameValue(option.value, trial.values[name]!);
    return fitsBelow(space, index, at, trial);
  });
  return found === -1 ? Number.NaN : found;
}

/** Whether the values have what the parameters below this option need. */
function fitsBelow(space: Space, index: number, option: number, trial: TrialValues): boolean {
  return space.parameters.every((parameter, at) => {
    if (parameter.parent?.index !== index || !parameter.parent.options.has(option)) return true;
    return !Number.isNaN(place(space, at, trial));
  });
}
