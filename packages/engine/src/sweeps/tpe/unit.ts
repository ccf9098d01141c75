import { coordinateAt, coordinateOf, countOf, numberAt, shareBelow } from "../space/dimension.ts";
import type { Space } from "../space/space.ts";
import type { Coordinates } from "../space/values.ts";

/**
 * The space as the model sees it: each number between 0 and 1 by the share of its distribution that lies below it, so that
 * every one of the ten expressions is uniform before anything is known. Options stay indices; NaN is not there.
 */
export interface UnitSpace {
  readonly space: Space;
  /** how many options a parameter has; 0 for numbers */
  readonly options: Int32Array;
  /** width of the cell that is one value; 0 where every number is another one */
  readonly cells: Float64Array;
  /** whether there are finitely many places */
  readonly isFinite: boolean;
}

export function unitSpaceOf(space: Space): UnitSpace {
  const counts = space.parameters.map(({ dimension }) => countOf(dimension));
  return {
    space,
    options: Int32Array.from(space.parameters, ({ dimension }) => (dimension.kind === "categorical" ? dimension.options.length : 0)),
    cells: Float64Array.from(counts, (count) => (Number.isFinite(count) ? 1 / count : 0)),
    isFinite: counts.every(Number.isFinite),
  };
}

export function toUnit({ space }: UnitSpace, coordinates: Coordinates): Float64Array {
  const unit = new Float64Array(coordinates.length);
  for (let index = 0; index < unit.length; index++) {
    const { dimension } = space.parameters[index]!;
    const coordinate = coordinates[index]!;
    unit[index] = Number.isNaN(coordinate) || dimension.kind === "categorical" ? coordinate : shareBelow(dimension, coordinate);
  }
  return unit;
}

export function fromUnit({ space }: UnitSpace, unit: Float64Array): Coordinates {
  return unit.map((share, index) => {
    const { dimension } = space.parameters[index]!;
    return Number.isNaN(share) || dimension.kind === "categorical" ? share : coordinateAt(dimension, share);
  });
}

/** The share of the value that a script would get for this share: its place once it has been tried. */
export function snapped({ space }: UnitSpace, index: number, share: number): number {
  const { dimension } = space.parameters[index]!;
  if (dimension.kind === "categorical" || dimension.q === null) return share;
  const coordinate = coordinateOf(dimension, numberAt(dimension, coordinateAt(dimension, share)));
  return Number.isNaN(coordinate) ? share : shareBelow(dimension, coordinate);
}
