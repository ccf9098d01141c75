import { randomStream } from "../math/random.ts";
import { SOBOL_DIMENSIONS, sobol } from "../math/sobol.ts";
import type { Sampler, Suggestion } from "../sampler.ts";
import { type Space, spaceOf } from "../space/space.ts";
import { type Coordinates, valuesOf } from "../space/values.ts";
import { placeAt } from "./random.ts";

/** Points that fill the space more evenly than independent draws do: the Sobol sequence, scrambled by the seed. */
export const sobolSampler: Sampler = ({ sampling, made, count }) => {
  const space = spaceOf(sampling.parameterSpace);
  const suggestions = Array.from({ length: count }, (_, index): Suggestion => {
    const ordinal = made + index;
    return { ordinal, ...valuesOf(space, sobolAt(space, sampling.seed, ordinal)), because: { sampler: "sobol" } };
  });
  return { suggestions, exhausted: false };
};

/** The n-th point; parameters beyond those that the table has are drawn independently. */
export function sobolAt(space: Space, seed: number, n: number): Coordinates {
  const random = randomStream(seed, "beyond sobol", n);
  return placeAt(space, (index) => (index < SOBOL_DIMENSIONS ? sobol(n, index, seed) : random.next()));
}
