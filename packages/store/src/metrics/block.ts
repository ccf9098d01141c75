import type { JsonValue, MetricKind } from "@switchyard/protocol";
import { toJson } from "../database/text.ts";
import type { Points } from "./chunk.ts";

/** Points on their way into a chunk; `values` are numbers or JSON texts. */
export type Block = Points<Float64Array | readonly string[]>;

/** A chunk that has this many points is never touched again. */
const MAX_POINTS = 4_096;
/** About how much JSON goes into one chunk. */
const MAX_JSON_LENGTH = 262_144;

interface LoggedPoints {
  readonly kind: MetricKind;
  readonly values: readonly JsonValue[] | readonly number[];
  readonly steps: readonly (number | null)[];
  readonly times: readonly number[];
}

/** Logged points as a block. Times are kept to the millisecond. */
export function blockOfLogged({ kind, values, steps, times }: LoggedPoints): Block {
  const given = steps.some((step) => step !== null);
  return {
    values: kind === "number" ? Float64Array.from(values as readonly number[]) : values.map(toJson),
    steps: given ? Float64Array.from(steps, (step) => step ?? Number.NaN) : null,
    times: Float64Array.from(times, Math.round),
  };
}

/** A decoded chunk as a block, to be extended. */
export function blockOfChunk({ values, steps, times }: Points<Float64Array | readonly JsonValue[]>): Block {
  return { values: values instanceof Float64Array ? values : values.map(toJson), steps, times };
}

/** Joins neighbours of one form and cuts what is longer than a chunk may be. */
export function cutBlocks(blocks: readonly Block[]): Block[] {
  const joined: Block[][] = [];
  for (const block of blocks) {
    const group = joined.at(-1);
    if (group && isNumeric(group[0] as Block) === isNumeric(block)) group.push(block);
    else joined.push([block]);
  }
  return joined.map(join).flatMap(cut);
}

const isNumeric = (block: Block): boolean => block.values instanceof Float64Array;

function join(blocks: readonly Block[]): Block {
  if (blocks.length === 1) return blocks[0] as Block;
  const count = blocks.reduce((sum, block) => sum + block.times.length, 0);
  const [times, numbers, steps] = [new Float64Array(count), new Float64Array(count), new Float64Array(count).fill(Number.NaN)];
  const texts: string[] = [];
  let at = 0;
  for (const block of blocks) {
    times.set(block.times, at);
    if (block.steps) steps.set(block.steps, at);
    if (block.values instanceof Float64Array) numbers.set(block.values, at);
    else for (const text of block.values) texts.push(text);
    at += block.times.length;
  }
  const hasSteps = blocks.some((block) => block.steps !== null);
  return { values: isNumeric(blocks[0] as Block) ? numbers : texts, steps: hasSteps ? steps : null, times };
}

function cut(block: Block): Block[] {
  const pieces: Block[] = [];
  for (let from = 0; from < block.times.length; ) {
    const to = endOfChunk(block, from);
    pieces.push({ values: block.values.slice(from, to), steps: block.steps?.slice(from, to) ?? null, times: block.times.slice(from, to) });
    from = to;
  }
  return pieces;
}

function endOfChunk({ values, times }: Block, from: number): number {
  const end = Math.min(times.length, from + MAX_POINTS);
  if (values instanceof Float64Array) return end;
  let length = 0;
  for (let at = from; at < end; at++) {
    length += (values[at] as string).length;
    if (length > MAX_JSON_LENGTH) return Math.max(at, from + 1);
  }
  return end;
}
