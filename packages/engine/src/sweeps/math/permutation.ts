import { mixed } from "./random.ts";

const ROUNDS = 6;

/**
 * A rearrangement of the numbers below `size` (at most 2^53) that the seed chooses: the place of each is found alone. A
 * Feistel network over the next larger even number of bits, walked until it lands below `size`.
 */
export function permutation(size: number, seed: number): (n: number) => number {
  let halfBits = 1;
  while (2 ** (2 * halfBits) < size) halfBits++;
  const half = 2 ** halfBits;
  const keys = Array.from({ length: ROUNDS }, (_, round) => mixed(mixed(seed >>> 0, Math.floor(seed / 4294967296)), round + 1));
  const step = (n: number): number => {
    let left = Math.floor(n / half);
    let right = n % half;
    for (const key of keys) [left, right] = [right, (left ^ mixed(right, key)) & (half - 1)];
    return (left >>> 0) * half + (right >>> 0);
  };
  return (n) => {
    let place = step(n);
    while (place >= size) place = step(place);
    return place;
  };
}
