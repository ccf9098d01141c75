import type { NumberColumns } from "@switchyard/store";

/** The indexes of points in the order of a history: by time, then step, then value. */
export function historyOrder({ values, steps, times }: NumberColumns): Uint32Array {
  return sorted(indexes(times.length), (a, b) => {
    return at(times, a) - at(times, b) || at(steps, a) - at(steps, b) || compareValues(at(values, a), at(values, b));
  });
}

/** The indexes of points in the order of a chart: by step, then time, then value; only those of some steps. */
export function stepOrder({ values, steps, times }: NumberColumns, first?: number, last?: number): Uint32Array {
  const all = indexes(times.length);
  const wanted =
    first === undefined || last === undefined ? all : all.filter((index) => at(steps, index) >= first && at(steps, index) <= last);
  return sorted(wanted, (a, b) => {
    return at(steps, a) - at(steps, b) || at(times, a) - at(times, b) || compareValues(at(values, a), at(values, b));
  });
}

/** At most `most` of them: the first of as many stretches of one length, and the last of all. */
export function evenSample(order: Uint32Array, most: number): Uint32Array {
  if (order.length <= most) return order;
  const [short, longer] = [Math.floor(order.length / most), order.length % most]; // the first stretches are one longer
  const sample = Uint32Array.from({ length: most }, (_, stretch) => order[stretch * short + Math.min(stretch, longer)] as number);
  sample[most - 1] = order[order.length - 1] as number;
  return sample;
}

const at = (column: Float64Array, index: number) => column[index] as number;
const indexes = (length: number) => Uint32Array.from({ length }, (_, index) => index);

/** Curves are mostly logged in order: then nothing is to be done. */
function sorted(order: Uint32Array, compare: (a: number, b: number) => number): Uint32Array {
  for (let index = 1; index < order.length; index++) {
    if (compare(order[index - 1] as number, order[index] as number) > 0) return order.sort(compare);
  }
  return order;
}

/** NaN comes last. */
function compareValues(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a < b ? -1 : a > b ? 1 : 0;
}
