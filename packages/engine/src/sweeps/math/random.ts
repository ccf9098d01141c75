/** Numbers between 0 (included) and 1 (excluded), 53 bits each. */
export interface Random {
  next(): number;
  /** 32 bits */
  bits(): number;
}

/**
 * Blackman and Vigna's xoshiro128** 1.1 (public domain; 32-bit integers only, so the same on every machine). A stream is
 * known by the sweep's seed, what it is for and a number: the n-th suggestion does not depend on how many were asked for at
 * once.
 */
export function randomStream(seed: number, purpose: string, ordinal: number): Random {
  const state = startOf(seed, purpose, ordinal);
  const bits = () => nextBits(state);
  return { bits, next: () => ((bits() >>> 5) * 67108864 + (bits() >>> 6)) / 9007199254740992 };
}

function nextBits(state: Uint32Array): number {
  const [s0, s1, s2, s3] = state as unknown as [number, number, number, number];
  const result = Math.imul(rotated(Math.imul(s1, 5), 7), 9) >>> 0;
  const shifted = s1 << 9;
  const t2 = s2 ^ s0;
  const t3 = s3 ^ s1;
  state[1] = s1 ^ t2;
  state[0] = s0 ^ t3;
  state[2] = t2 ^ shifted;
  state[3] = rotated(t3, 11);
  return result;
}

function rotated(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}

/** Four words that depend on every bit of what names the stream; never all zero. */
function startOf(seed: number, purpose: string, ordinal: number): Uint32Array {
  let hash = mixed(seed >>> 0, 0x9e3779b9);
  hash = mixed(hash, Math.floor(seed / 4294967296) >>> 0);
  for (const character of purpose) hash = mixed(hash, character.codePointAt(0)!);
  hash = mixed(hash, ordinal >>> 0);
  hash = mixed(hash, Math.floor(ordinal / 4294967296) >>> 0);
  const second = mixed(seed >>> 0, hash ^ 0x85ebca6b);
  const state = new Uint32Array([hash, second, mixed(second, hash), mixed(hash, 0xc2b2ae35)]);
  if (state.every((word) => word === 0)) state[0] = 1;
  return state;
}

/** The finishing steps of MurmurHash3 (Appleby, public domain) over both words. */
export function mixed(hash: number, word: number): number {
  let value = (Math.imul(hash, 0x9e3779b1) + word + 0x7f4a7c15) | 0;
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
