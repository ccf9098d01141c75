/** Gets the next points in recording order: their values, and where the rest of them is found. */
export type TakePoints<Source> = (values: Float64Array, source: Source) => void;

/** A point that may be kept: `offset` counts within its source, `index` within the whole curve. */
interface Candidate<Source> {
  readonly source: Source;
  readonly offset: number;
  readonly index: number;
  readonly value: number;
}

/**
 * Picks at most `maxPoints` of `total` points: the first, the last, and of each stretch between them the smallest and the
 * largest finite value, and one that is not finite if there is any. With room for five points or more, the least and the
 * greatest value of the whole curve are among them. `keep` is called in recording order.
 */
export function downsampler<Source>(
  total: number,
  maxPoints: number,
  hasNonFinite: boolean,
  keep: (source: Source, offset: number) => void,
): TakePoints<Source> {
  const stretches = Math.max(0, Math.floor((maxPoints - 2) / (hasNonFinite ? 3 : 2)));
  /** Index after the last one of a stretch; the stretches share the points between the first and the last. */
  const endOf = (number: number): number => 1 + Math.floor(((number + 1) * (total - 2)) / stretches);
  let index = 0;
  let stretch = 0;
  let end = endOf(0);
  let least: Candidate<Source> | undefined;
  let greatest: Candidate<Source> | undefined;
  let odd: Candidate<Source> | undefined;

  function closeStretch(): void {
    const found = new Map([least, greatest, odd].flatMap((one) => (one ? [[one.index, one] as const] : [])));
    for (const [, { source, offset }] of [...found].sort(([a], [b]) => a - b)) keep(source, offset);
    least = greatest = odd = undefined;
  }

  return (values, source) => {
    for (let offset = 0; offset < values.length; offset++, index++) {
      const value = values[offset] as number;
      if (index === 0 || index === total - 1) {
        closeStretch();
        keep(source, offset);
        continue;
      }
      if (stretches === 0) continue;
      if (index >= end) {
        closeStretch();
        while (index >= end) end = endOf(++stretch);
      }
      if (!Number.isFinite(value)) odd ??= { source, offset, index, value };
      else {
        if (!least || value < least.value) least = { source, offset, index, value };
        if (!greatest || value > greatest.value) greatest = { source, offset, index, value };
      }
    }
  };
}

/** At most `maxPoints` indexes below `total`, evenly spaced, the first and the last among them. */
export function evenIndexes(total: number, maxPoints: number): number[] {
  if (total <= maxPoints) return Array.from({ length: total }, (_, index) => index);
  return Array.from({ length: maxPoints }, (_, index) => Math.round((index * (total - 1)) / (maxPoints - 1)));
}
