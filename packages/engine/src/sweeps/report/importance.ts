import type { SweepParameter } from "@switchyard/protocol";
import { randomStream } from "../math/random.ts";
import { shareBelow } from "../space/dimension.ts";
import { type Space, spaceOf } from "../space/space.ts";
import { coordinatesOf } from "../space/values.ts";
import { hasScore, type TrialObservation } from "../trial.ts";
import { type Column, growTree, type Leaf } from "./tree.ts";

/** How much of the differences between scores one parameter alone explains, from 0 to 1. */
export interface Importance {
  /** its path in the space */
  readonly parameter: string;
  readonly share: number;
}

const TREES = 48;
/** With fewer trials a forest tells nothing. */
const FEWEST_TRIALS = 8;
/** More would take seconds and say the same. */
const MOST_TRIALS = 1000;

/**
 * Functional analysis of variance over a random forest (Hutter, Hoos and Leyton-Brown 2014), main effects only, most
 * important first. The scores' ranks are explained rather than the scores, so that a few failures of enormous loss do not
 * hide everything else. What is left to 1 are effects of parameters together. Null when there is too little to say.
 */
export function importanceOf(parameters: readonly SweepParameter[], trials: readonly TrialObservation[]): readonly Importance[] | null {
  const space = spaceOf(parameters);
  const rows = trials.filter(hasScore).flatMap((trial) => {
    const coordinates = coordinatesOf(space, trial);
    return coordinates === null ? [] : [{ coordinates, score: trial.score }];
  });
  if (rows.length < FEWEST_TRIALS) return null;
  const used = rows.slice(-MOST_TRIALS);
  const scores = ranksOf(used.map(({ score }) => score));
  const columns = space.parameters.map((_, index) =>
    columnOf(
      space,
      index,
      used.map(({ coordinates }) => coordinates[index]!),
    ),
  );
  const shares = sharesOf(columns, scores);
  return shares === null
    ? null
    : space.parameters.map(({ path }, index) => ({ parameter: path, share: shares[index]! })).sort((a, b) => b.share - a.share);
}

/** A parameter that was not there counts as an option of its own, or as the middle of the range. */
function columnOf({ parameters }: Space, index: number, coordinates: readonly number[]): Column {
  const { dimension } = parameters[index]!;
  if (dimension.kind === "categorical") {
    const absent = dimension.options.length;
    return {
      values: Float64Array.from(coordinates, (at) => (Number.isNaN(at) ? absent : at)),
      options: absent + (coordinates.some(Number.isNaN) ? 1 : 0),
    };
  }
  return { values: Float64Array.from(coordinates, (at) => (Number.isNaN(at) ? 0.5 : shareBelow(dimension, at))), options: 0 };
}

/** From 0 to 1; equal scores have one rank. */
function ranksOf(scores: readonly number[]): Float64Array {
  const order = Array.from(scores.keys()).sort((a, b) => scores[a]! - scores[b]!);
  const ranks = new Float64Array(scores.length);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && scores[order[end]!] === scores[order[start]!]) end++;
    for (let at = start; at < end; at++) ranks[order[at]!] = (start + end - 1) / 2 / (order.length - 1);
    start = end;
  }
  return ranks;
}

/** The mean over all trees of each column's share of the tree's variance; null when all scores are the same. */
function sharesOf(columns: readonly Column[], scores: Float64Array): readonly number[] | null {
  const sums = new Float64Array(columns.length);
  let counted = 0;
  for (let tree = 0; tree < TREES; tree++) {
    const leaves = growTree(columns, scores, randomStream(0, "importance", tree));
    const weights = leaves.map((leaf) => volumeOf(leaf, columns, -1));
    const mean = leaves.reduce((sum, leaf, at) => sum + leaf.value * weights[at]!, 0);
    const variance = leaves.reduce((sum, leaf, at) => sum + (leaf.value - mean) ** 2 * weights[at]!, 0);
    if (!(variance > 1e-12)) continue;
    counted++;
    for (let index = 0; index < columns.length; index++) sums[index]! += mainEffect(leaves, columns, index, mean) / variance;
  }
  return counted === 0 ? null : Array.from(sums, (sum) => Math.min(1, sum / counted));
}

/** Variance of what the tree predicts on average for each value of one column. */
function mainEffect(leaves: readonly Leaf[], columns: readonly Column[], index: number, mean: number): number {
  const others = leaves.map((leaf) => volumeOf(leaf, columns, index));
  const { options } = columns[index]!;
  const pieces =
    options === 0 ? rangePieces(leaves, index) : Array.from({ length: options }, (_, option) => ({ at: option, width: 1 / options }));
  return pieces.reduce((sum, { at, width }) => {
    const marginal = leaves.reduce((total, leaf, place) => (contains(leaf, index, at) ? total + leaf.value * others[place]! : total), 0);
    return sum + width * (marginal - mean) ** 2;
  }, 0);
}

function rangePieces(leaves: readonly Leaf[], index: number): { at: number; width: number }[] {
  const cuts = new Set([0, 1]);
  for (const { sides } of leaves) {
    const side = sides[index]!;
    if ("from" in side) cuts.add(side.from).add(side.to);
  }
  const sorted = [...cuts].sort((a, b) => a - b);
  return sorted.slice(1).map((to, place) => ({ at: (sorted[place]! + to) / 2, width: to - sorted[place]! }));
}

function contains({ sides }: Leaf, index: number, at: number): boolean {
  const side = sides[index]!;
  return "from" in side ? at >= side.from && at < side.to : side.allowed[at]!;
}

/** The share of the space that a leaf takes up, in all columns but one. */
function volumeOf({ sides }: Leaf, columns: readonly Column[], without: number): number {
  return sides.reduce((volume, side, index) => {
    if (index === without) return volume;
    return volume * ("from" in side ? side.to - side.from : side.allowed.filter(Boolean).length / columns[index]!.options);
  }, 1);
}
