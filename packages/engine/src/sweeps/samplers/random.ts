import type { TrialValues } from "@switchyard/protocol";
import { permutation } from "../math/permutation.ts";
import { randomStream } from "../math/random.ts";
import type { Sampler, Suggestion, SuggestionRequest, Suggestions } from "../sampler.ts";
import { Enumeration, isOnlyChoices } from "../space/count.ts";
import { coordinateAt } from "../space/dimension.ts";
import { isActive, type Space, spaceOf } from "../space/space.ts";
import { type Coordinates, coordinatesOf, valuesOf } from "../space/values.ts";

/**
 * Independent draws. Of a space with only choices no combination is drawn twice, and the search ends with the last one:
 * the seed puts all combinations in an order.
 */
export const randomSampler: Sampler = (request) => {
  const space = spaceOf(request.sampling.parameterSpace);
  const listed = isOnlyChoices(space) ? new Enumeration(space) : null;
  if (listed !== null && listed.size <= Number.MAX_SAFE_INTEGER) {
    const order = permutation(listed.size, request.sampling.seed);
    return takeInOrder(request, space, listed.size, (n) => listed.at(order(n)));
  }
  const drawn = Array.from({ length: request.count }, (_, index): Suggestion => {
    const ordinal = request.made + index;
    return { ordinal, ...valuesOf(space, drawAt(space, request.sampling.seed, ordinal)), because: { sampler: "random" } };
  });
  return { suggestions: drawn, exhausted: false };
};

/** All combinations, the last parameter changing first. */
export const gridSampler: Sampler = (request) => {
  const space = spaceOf(request.sampling.parameterSpace);
  const listed = new Enumeration(space);
  return takeInOrder(request, space, listed.size, (n) => listed.at(n), "grid");
};

/** One independent draw: the stream gives one number to each parameter, also to those that turn out not to be there. */
export function drawAt(space: Space, seed: number, ordinal: number): Coordinates {
  const random = randomStream(seed, "draw", ordinal);
  return placeAt(space, () => random.next());
}

/** The place whose shares of the distributions are the given numbers. */
export function placeAt({ parameters }: Space, share: (index: number) => number): Coordinates {
  const coordinates = new Float64Array(parameters.length).fill(Number.NaN);
  parameters.forEach((parameter, index) => {
    const u = share(index);
    if (isActive(parameter, coordinates)) coordinates[index] = coordinateAt(parameter.dimension, u);
  });
  return coordinates;
}

/** Goes through combinations in their order and leaves out those that a continued trial has already. */
function takeInOrder(
  request: SuggestionRequest,
  space: Space,
  size: number,
  at: (n: number) => Coordinates,
  sampler: "random" | "grid" = "random",
): Suggestions {
  const tried = new Set(request.history.filter(({ number }) => number !== null).map((trial) => keyOf(space, trial)));
  const suggestions: Suggestion[] = [];
  // each suggestion so far took one place at least, so nothing before this one is new
  for (let n = request.made; n < size && suggestions.length < request.count; n++) {
    const values = valuesOf(space, at(n));
    if (tried.has(keyOf(space, values))) continue;
    suggestions.push({ ordinal: request.made + suggestions.length, ...values, because: { sampler } });
  }
  return { suggestions, exhausted: suggestions.length < request.count };
}

function keyOf(space: Space, trial: TrialValues): string {
  return coordinatesOf(space, trial)?.join() ?? "";
}
