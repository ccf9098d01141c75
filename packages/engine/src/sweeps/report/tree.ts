import type { Random } from "../math/random.ts";

/** One column of what a tree is grown on: numbers between 0 and 1, or the index of an option. */
export interface Column {
  readonly values: Float64Array;
  /** how many options there are; 0 for numbers */
  readonly options: number;
}

/** A leaf is a box: a range of each number, a set of options of each choice, and the mean score in it. */
export interface Leaf {
  readonly value: number;
  readonly sides: readonly Side[];
}
export type Side = { readonly from: number; readonly to: number } | { readonly allowed: readonly boolean[] };

const SMALLEST_LEAF = 3;
const SMALLEST_SPLIT = 6;

/** Grows a regression tree on a bootstrap sample of the rows, with a random part of the columns tried at each split. */
export function growTree(columns: readonly Column[], scores: Float64Array, random: Random): readonly Leaf[] {
  const rows = Array.from(scores, () => Math.floor(random.next() * scores.length));
  const sides = columns.map(({ options }): Side => (options === 0 ? { from: 0, to: 1 } : { allowed: new Array(options).fill(true) }));
  const leaves: Leaf[] = [];
  const waiting: { rows: number[]; sides: readonly Side[] }[] = [{ rows, sides }];
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    const split = part.rows.length < SMALLEST_SPLIT ? null : bestSplit(part.rows, columns, scores, random);
    if (split === null) leaves.push({ value: meanOf(part.rows, scores), sides: part.sides });
    else waiting.push(...split.halves(part.rows, part.sides));
  }
  return leaves;
}

interface Split {
  readonly gain: number;
  halves(rows: readonly number[], sides: readonly Side[]): { rows: number[]; sides: readonly Side[] }[];
}

function bestSplit(rows: readonly number[], columns: readonly Column[], scores: Float64Array, random: Random): Split | null {
  const tried = someOf(columns.length, Math.max(1, Math.ceil((columns.length * 5) / 6)), random);
  let best: Split | null = null;
  for (const index of tried) {
    const split = splitBy(index, columns[index]!, rows, scores);
    if (split !== null && split.gain > (best?.gain ?? 1e-12)) best = split;
  }
  return best;
}

/** Orders the rows by the column (options by their mean score) and cuts where the two parts differ most. */
function splitBy(index: number, column: Column, rows: readonly number[], scores: Float64Array): Split | null {
  const keys = column.options === 0 ? column.values : optionMeans(column, rows, scores);
  const sorted = [...rows].sort((a, b) => keys[a]! - keys[b]!);
  const total = sorted.reduce((sum, row) => sum + scores[row]!, 0);
  const base = (total * total) / sorted.length;
  let best = { gain: 0, cut: Number.NaN };
  let left = 0;
  for (let count = 1; count < sorted.length; count++) {
    left += scores[sorted[count - 1]!]!;
    const [below, above] = [keys[sorted[count - 1]!]!, keys[sorted[count]!]!];
    if (below === above || count < SMALLEST_LEAF || sorted.length - count < SMALLEST_LEAF) continue;
    const gain = (left * left) / count + (total - left) ** 2 / (sorted.length - count) - base;
    if (gain > best.gain) best = { gain, cut: (below + above) / 2 };
  }
  if (Number.isNaN(best.cut)) return null;
  const isLeft = (row: number) => keys[row]! < best.cut;
  return {
    gain: best.gain,
    halves: (all, sides) => {
      const leftRows = all.filter(isLeft);
      const rightRows = all.filter((row) => !isLeft(row));
      const [leftSide, rightSide] = cutSide(sides[index]!, column, best.cut, leftRows);
      return [
        { rows: leftRows, sides: sides.with(index, leftSide) },
        { rows: rightRows, sides: sides.with(index, rightSide) },
      ];
    },
  };
}

function cutSide(side: Side, column: Column, cut: number, leftRows: readonly number[]): readonly [Side, Side] {
  if ("from" in side)
    return [
      { from: side.from, to: cut },
      { from: cut, to: side.to },
    ];
  const left = new Set(leftRows.map((row) => column.values[row]!));
  return [
    { allowed: side.allowed.map((is, option) => is && left.has(option)) },
    { allowed: side.allowed.map((is, option) => is && !left.has(option)) },
  ];
}

/** For each row the mean score of its option. */
function optionMeans(column: Column, rows: readonly number[], scores: Float64Array): Float64Array {
  const sums = new Float64Array(column.options);
  const counts = new Float64Array(column.options);
  for (const row of rows) {
    sums[column.values[row]!]! += scores[row]!;
    counts[column.values[row]!]! += 1;
  }
  return Float64Array.from(column.values, (option) => (counts[option] === 0 ? 0 : sums[option]! / counts[option]!));
}

function someOf(count: number, wanted: number, random: Random): number[] {
  const left = Array.from({ length: count }, (_, index) => index);
  return Array.from({ length: Math.min(wanted, count) }, () => left.splice(Math.floor(random.next() * left.length), 1)[0]!);
}

function meanOf(rows: readonly number[], scores: Float64Array): number {
  return rows.reduce((sum, row) => sum + scores[row]!, 0) / rows.length;
}
