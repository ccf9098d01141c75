// The language leaves the last bit of Math.exp and Math.log to the engine, so two machines may differ. These use only
// + − × ÷ and powers of two, which IEEE 754 rounds alike everywhere: one history gives one suggestion on every machine.

/** ln 2 in two parts: the first has so few digits that `k × HIGH` is exact. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
const LOG2_E = Math.LOG2E;
const SMALLEST_EXPONENT = -1074;

/** 2^k for every k that a number can have. */
const POWERS = powersOfTwo();

function powersOfTwo(): Float64Array {
  const powers = new Float64Array(1024 - SMALLEST_EXPONENT);
  powers[-SMALLEST_EXPONENT] = 1;
  for (let k = 1; k <= 1023; k++) powers[k - SMALLEST_EXPONENT] = powers[k - 1 - SMALLEST_EXPONENT]! * 2;
  for (let k = -1; k >= SMALLEST_EXPONENT; k--) powers[k - SMALLEST_EXPONENT] = powers[k + 1 - SMALLEST_EXPONENT]! / 2;
  return powers;
}

/** e^x, to the last bit or two. */
export function exp(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x > 709.782712893384) return Number.POSITIVE_INFINITY;
  if (x < -745.1332191019412) return 0;
  const k = Math.floor(x * LOG2_E + 0.5);
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  // r is within ± ln2/2, where twelve terms of the series are enough
  let sum = 1 / 479001600;
  sum = sum * r + 1 / 39916800;
  sum = sum * r + 1 / 3628800;
  sum = sum * r + 1 / 362880;
  sum = sum * r + 1 / 40320;
  sum = sum * r + 1 / 5040;
  sum = sum * r + 1 / 720;
  sum = sum * r + 1 / 120;
  sum = sum * r + 1 / 24;
  sum = sum * r + 1 / 6;
  sum = sum * r + 0.5;
  const value = 1 + (r + r * r * sum);
  if (k < -1021) return value * POWERS[k + 60 - SMALLEST_EXPONENT]! * POWERS[-60 - SMALLEST_EXPONENT]!;
  return k > 1023 ? value * 2 * POWERS[1023 - SMALLEST_EXPONENT]! : value * POWERS[k - SMALLEST_EXPONENT]!;
}

const bits = new DataView(new ArrayBuffer(8));
const SQRT_2 = Math.SQRT2;

/** The natural logarithm, to the last bit or two. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? Number.NEGATIVE_INFINITY : Number.NaN;
  if (x === Number.POSITIVE_INFINITY) return x;
  const [mantissa, exponent] = x < 2.2250738585072014e-308 ? parts(x * 18014398509481984, -54) : parts(x, 0);
  const s = (mantissa - 1) / (mantissa + 1);
  const z = s * s;
  // ln m = 2 (s + s³/3 + s⁵/5 + …), and |s| is at most 0.172
  let sum = 2 / 23;
  sum = sum * z + 2 / 21;
  sum = sum * z + 2 / 19;
  sum = sum * z + 2 / 17;
  sum = sum * z + 2 / 15;
  sum = sum * z + 2 / 13;
  sum = sum * z + 2 / 11;
  sum = sum * z + 2 / 9;
  sum = sum * z + 2 / 7;
  sum = sum * z + 2 / 5;
  sum = sum * z + 2 / 3;
  return exponent * LN2_HIGH + (s * z * sum + exponent * LN2_LOW + 2 * s);
}

/** x as mantissa × 2^exponent with a mantissa between √½ and √2. */
function parts(x: number, shifted: number): readonly [number, number] {
  bits.setFloat64(0, x);
  const high = bits.getUint32(0);
  const exponent = ((high >>> 20) & 0x7ff) - 1023;
  bits.setUint32(0, (high & 0x000fffff) | 0x3ff00000);
  const mantissa = bits.getFloat64(0);
  return mantissa > SQRT_2 ? [mantissa / 2, exponent + 1 + shifted] : [mantissa, exponent + shifted];
}

/** ln(e^a + e^b) without overflow. */
export function logAdd(a: number, b: number): number {
  const larger = a > b ? a : b;
  if (larger === Number.NEGATIVE_INFINITY) return larger;
  return larger + log(1 + exp((a > b ? b : a) - larger));
}

/** Rounded to the nearest whole number, halves to the even one, as Python's `round` does. */
export function roundHalfEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  if (rest !== 0.5) return rest < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}
