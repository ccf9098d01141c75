/** The intervals at which trials of one bracket are compared, in order. */
export type Rungs = readonly number[];

/** `first`, then each time `factor` times as far, to before `end`. */
export function rungsOf(first: number, factor: number, end: number | null, reached: number): Rungs {
  const rungs: number[] = [];
  const last = end === null ? reached : Math.min(reached, end - 1);
  for (let at = first; Math.round(at) <= last; at *= factor) rungs.push(Math.round(at));
  return rungs;
}

export interface Bracket {
  /** interval of the first comparison; the last bracket's is the end itself, so nothing is compared */
  readonly first: number;
  /** how many trials it takes before it is the next one's turn */
  readonly trials: number;
}

/** Hyperband's brackets (Li et al. 2018), the one that ends trials earliest first. */
export function bracketsOf(minIntervals: number, maxIntervals: number, factor: number): readonly Bracket[] {
  let most = 0;
  while (minIntervals * power(factor, most + 1) <= maxIntervals * (1 + 1e-9)) most++;
  return Array.from({ length: most + 1 }, (_, index) => {
    const halvings = most - index;
    const trials = Math.ceil(((most + 1) / (halvings + 1)) * power(factor, halvings) - 1e-9);
    return { first: maxIntervals / power(factor, halvings), trials };
  });
}

/** Which bracket a trial belongs to: they take turns, each for as many trials as it takes. */
export function bracketOf(trial: number, brackets: readonly Bracket[]): number {
  const round = brackets.reduce((total, bracket) => total + bracket.trials, 0);
  let place = trial % round;
  return brackets.findIndex((bracket) => {
    place -= bracket.trials;
    return place < 0;
  });
}

/** By multiplication, which every machine does alike; `**` of a broken factor it may not. */
function power(factor: number, times: number): number {
  let value = 1;
  for (let done = 0; done < times; done++) value *= factor;
  return value;
}
