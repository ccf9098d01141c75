import type { JsonValue } from "@switchyard/protocol";

/**
 * A run of points as bytes, little-endian: a header, then steps, times and values, each column in the smallest of a few
 * forms that keeps it exactly.
 *
 *     u8 format   u8 values: 0 Float64 | 1 JSON   u8 steps: 0 index | 1 even | 2 Float64   u8 times: 0 offsets | 1 Float64
 *     u32 count   f64 first step   f64 step distance   f64 earliest time
 *     steps   form 2: count × f64, NaN where there is none
 *     times   form 0: count × u32, milliseconds after the earliest, padded to 8 bytes; form 1: count × f64
 *     values  form 0: count × f64; form 1: u32 length, u32 unused, UTF-8 text of a JSON array
 */
export interface Points<V> {
  readonly values: V;
  /** NaN where the caller gave none; null when it gave none at all */
  readonly steps: Float64Array | null;
  readonly times: Float64Array;
}

const FORMAT = 1;
const HEADER = 32;
const MAX_TIME_OFFSET = 2 ** 32;

/** `values` are numbers, or the JSON text of each value. */
export function encodeChunk({ values, steps, times }: Points<Float64Array | readonly string[]>): Uint8Array<ArrayBuffer> {
  const count = times.length;
  const json = values instanceof Float64Array ? null : new TextEncoder().encode(`[${values.join(",")}]`);
  const even = evenSteps(steps);
  const firstTime = times.reduce((least, time) => Math.min(least, time), Number.POSITIVE_INFINITY);
  const short = times.every((time) => isShort(time, firstTime));
  const stepBytes = steps === null || even ? 0 : count * 8;
  const timeBytes = short ? padded(count * 4) : count * 8;
  const valueBytes = json ? 8 + json.length : count * 8;
  const bytes = new Uint8Array(HEADER + stepBytes + timeBytes + valueBytes);
  const header = new DataView(bytes.buffer);
  header.setUint8(0, FORMAT);
  header.setUint8(1, json ? 1 : 0);
  header.setUint8(2, steps === null ? 0 : even ? 1 : 2);
  header.setUint8(3, short ? 0 : 1);
  header.setUint32(4, count, true);
  header.setFloat64(8, steps?.[0] ?? 0, true);
  header.setFloat64(16, even?.distance ?? 0, true);
  header.setFloat64(24, count > 0 ? firstTime : 0, true);
  if (stepBytes > 0) new Float64Array(bytes.buffer, HEADER, count).set(steps as Float64Array);
  const timesAt = HEADER + stepBytes;
  if (short) new Uint32Array(bytes.buffer, timesAt, count).set(times.map((time) => time - firstTime));
  else new Float64Array(bytes.buffer, timesAt, count).set(times);
  const valuesAt = timesAt + timeBytes;
  if (json) {
    header.setUint32(valuesAt, json.length, true);
    bytes.set(json, valuesAt + 8);
  } else new Float64Array(bytes.buffer, valuesAt, count).set(values as Float64Array);
  return bytes;
}

export function decodeChunk(stored: Uint8Array): Points<Float64Array | readonly JsonValue[]> {
  const bytes = stored.byteOffset % 8 === 0 ? stored : new Uint8Array(stored); // typed arrays must begin at a multiple of 8
  const { buffer, byteOffset } = bytes;
  const header = new DataView(buffer, byteOffset);
  if (header.getUint8(0) !== FORMAT)
    throw new Error(`A chunk of metrics has format ${header.getUint8(0)}; this program reads format ${FORMAT}.`);
  const count = header.getUint32(4, true);
  const stepForm = header.getUint8(2);
  const stepsAt = byteOffset + HEADER;
  const timesAt = stepsAt + (stepForm === 2 ? count * 8 : 0);
  const short = header.getUint8(3) === 0;
  const valuesAt = timesAt + (short ? padded(count * 4) : count * 8);
  return {
    values: header.getUint8(1) === 1 ? jsonAt(buffer, valuesAt) : new Float64Array(buffer, valuesAt, count),
    steps: stepForm === 0 ? null : stepForm === 2 ? new Float64Array(buffer, stepsAt, count) : spread(header, count),
    times: short
      ? timesFrom(new Uint32Array(buffer, timesAt, count), header.getFloat64(24, true))
      : new Float64Array(buffer, timesAt, count),
  };
}

function jsonAt(buffer: ArrayBufferLike, at: number): readonly JsonValue[] {
  const length = new DataView(buffer, at).getUint32(0, true);
  return JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, at + 8, length))) as JsonValue[];
}

function spread(header: DataView, count: number): Float64Array {
  const [first, distance] = [header.getFloat64(8, true), header.getFloat64(16, true)];
  return Float64Array.from({ length: count }, (_, index) => first + index * distance);
}

function timesFrom(offsets: Uint32Array, first: number): Float64Array {
  return Float64Array.from(offsets, (offset) => first + offset);
}

/** Can the time be kept as an offset, to the last bit (a zero keeps its sign)? */
function isShort(time: number, first: number): boolean {
  const offset = time - first;
  return Number.isInteger(time) && offset < MAX_TIME_OFFSET && Object.is(first + offset, time);
}

/** The distance between steps when it is the same everywhere, to the last bit. */
function evenSteps(steps: Float64Array | null): { distance: number } | undefined {
  if (steps === null || steps.length === 0) return undefined;
  const first = steps[0] as number;
  const distance = steps.length > 1 ? (steps[1] as number) - first : 0;
  return steps.every((step, index) => Object.is(step, first + index * distance)) ? { distance } : undefined;
}

const padded = (length: number): number => Math.ceil(length / 8) * 8;
