import { JOE_KUO } from "./joeKuo.ts";
import { mixed } from "./random.ts";

const BITS = 32;
const DIRECTIONS = [firstDimension(), ...JOE_KUO.split(" ").map(directionsOf)];

/** Dimensions that the table has; a caller draws further ones in another way. */
export const SOBOL_DIMENSIONS = DIRECTIONS.length;

/**
 * Coordinate of the n-th point of the Sobol sequence in one dimension, scrambled by the seed in Owen's way (by the hash of
 * Laine and Karras as in Burley, "Practical Hash-based Owen Scrambling", 2020). Between 0 and 1, never 0.
 */
export function sobol(n: number, dimension: number, seed: number): number {
  const directions = DIRECTIONS[dimension]!;
  let word = 0;
  for (let bit = 0, rest = n; rest > 0; bit++, rest = Math.floor(rest / 2)) if (rest % 2 === 1) word ^= directions[bit]!;
  const key = mixed(mixed(seed >>> 0, Math.floor(seed / 4294967296)), dimension + 1);
  return (scrambled(word, key) + 0.5) / 4294967296;
}

/** Each bit is turned or not depending on those above it. */
function scrambled(word: number, key: number): number {
  let value = reversed(word);
  value = (value + key) | 0;
  value ^= Math.imul(value, 0x6c50b47c);
  value ^= Math.imul(value, 0xb82f1e52 | 0);
  value ^= Math.imul(value, 0xc7afe638 | 0);
  value ^= Math.imul(value, 0x8d22f6e6 | 0);
  return reversed(value) >>> 0;
}

function reversed(word: number): number {
  let value = word;
  value = ((value >>> 1) & 0x55555555) | ((value & 0x55555555) << 1);
  value = ((value >>> 2) & 0x33333333) | ((value & 0x33333333) << 2);
  value = ((value >>> 4) & 0x0f0f0f0f) | ((value & 0x0f0f0f0f) << 4);
  value = ((value >>> 8) & 0x00ff00ff) | ((value & 0x00ff00ff) << 8);
  return (value >>> 16) | (value << 16);
}

function firstDimension(): Int32Array {
  return Int32Array.from({ length: BITS }, (_, bit) => 1 << (BITS - 1 - bit));
}

/** The recurrence of Bratley and Fox, from a polynomial and its first direction numbers. */
function directionsOf(row: string): Int32Array {
  const [polynomial, first] = row.split(":") as [string, string];
  const coefficients = Number(polynomial);
  const given = first.split(",").map(Number);
  const degree = given.length;
  const directions = new Int32Array(BITS);
  for (let bit = 0; bit < BITS; bit++) {
    if (bit < degree) {
      directions[bit] = given[bit]! << (BITS - 1 - bit);
      continue;
    }
    let word = directions[bit - degree]! ^ (directions[bit - degree]! >>> degree);
    for (let k = 1; k < degree; k++) if ((coefficients >>> (degree - k)) & 1) word ^= directions[bit - k]!;
    directions[bit] = word;
  }
  return directions;
}
