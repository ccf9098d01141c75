import { permutation } from "../math/permutation.ts";
import { randomStream } from "../math/random.ts";
import type { Sampler, Suggestion, SuggestionRequest } from "../sampler.ts";
import { Enumeration } from "../space/count.ts";
import { spaceOf } from "../space/space.ts";
import { valuesOf } from "../space/values.ts";
import { Model, type ModelKind } from "../tpe/model.ts";
import { goodOf, type Observations, observationsOf } from "../tpe/observations.ts";
import { fromUnit, toUnit, type UnitSpace, unitSpaceOf } from "../tpe/unit.ts";
import { sobolAt } from "./sobol.ts";

const STARTUP_TRIALS = 10;
const CANDIDATES = 24;
/** Of larger spaces nobody will have tried everything. */
const LARGEST_LISTED = 100_000;

/**
 * The tree-structured Parzen estimator. The first trials are points of the Sobol sequence; then each suggestion is, of some
 * candidates drawn where good trials are dense, the one whose neighbourhood has most good trials against others. Pending
 * and failed trials count among the others, so that many suggestions at once keep apart.
 */
export const bayesianSampler: Sampler = (request) => {
  const unit = unitSpaceOf(spaceOf(request.sampling.parameterSpace));
  const known = observationsOf(unit, request.history, request.goal);
  const pending: Float64Array[] = [];
  const suggestions: Suggestion[] = [];
  const untried = new Untried(unit, request.sampling.seed, known);
  while (suggestions.length < request.count) {
    if (untried.isEmpty) return { suggestions, exhausted: true };
    const ordinal = request.made + suggestions.length;
    const { place, because } = suggest(request, ordinal, unit, { ...known, unscored: [...known.unscored, ...pending] }, untried);
    pending.push(place);
    untried.take(place);
    suggestions.push({ ordinal, ...valuesOf(unit.space, fromUnit(unit, place)), because });
  }
  return { suggestions, exhausted: false };
};

interface Chosen {
  readonly place: Float64Array;
  readonly because: Suggestion["because"];
}

function suggest(request: SuggestionRequest, ordinal: number, unit: UnitSpace, known: Observations, untried: Untried): Chosen {
  const { seed, startupTrials } = request.sampling;
  const observed = known.scored.length;
  if (observed < Math.max(2, startupTrials ?? STARTUP_TRIALS)) {
    const place = toUnit(unit, sobolAt(unit.space, seed, ordinal));
    return { place: untried.has(place) ? place : untried.any(), because: { sampler: "bayesian", phase: "startup", observed } };
  }
  const good = goodOf(observed);
  const others = [...known.scored.slice(good), ...known.unscored];
  const model = new Model(unit, known.scored.slice(0, good), others, kindOf(request));
  const { place, logRatio } = bestCandidate(model, seed, ordinal, untried);
  const because = { sampler: "bayesian", phase: "model", observed, good, threshold: known.scores[good - 1]!, logRatio } as const;
  return { place, because };
}

function kindOf({ sampling }: SuggestionRequest): ModelKind {
  if (sampling.multivariate === null) return "both";
  return sampling.multivariate ? "joint" : "single";
}

function bestCandidate(model: Model, seed: number, ordinal: number, untried: Untried): { place: Float64Array; logRatio: number } {
  const random = randomStream(seed, "candidates", ordinal);
  let best: { place: Float64Array; logRatio: number } | null = null;
  for (let turn = 0; turn < CANDIDATES; turn++) {
    const place = model.draw(turn, random);
    if (!untried.has(place)) continue;
    const logRatio = model.logRatio(place);
    if (best === null || logRatio > best.logRatio) best = { place, logRatio };
  }
  if (best !== null) return best;
  const place = untried.any();
  return { place, logRatio: model.logRatio(place) };
}

/** Of a space with few places, those that no trial has had: trying one again would tell nothing new. */
class Untried {
  readonly #unit: UnitSpace;
  readonly #listed: Enumeration | null;
  readonly #tried: Set<string>;
  readonly #order: (n: number) => number;
  #next = 0;

  constructor(unit: UnitSpace, seed: number, known: Observations) {
    this.#unit = unit;
    const listed = unit.isFinite ? new Enumeration(unit.space) : null;
    this.#listed = listed !== null && listed.size <= LARGEST_LISTED ? listed : null;
    this.#tried = new Set(this.#listed === null ? [] : [...known.scored, ...known.unscored].map((place) => place.join()));
    this.#order = permutation(this.#listed?.size ?? 1, seed);
  }

  get isEmpty(): boolean {
    return this.#listed !== null && this.#tried.size >= this.#listed.size;
  }

  has(place: Float64Array): boolean {
    return !this.#tried.has(place.join());
  }

  take(place: Float64Array): void {
    if (this.#listed !== null) this.#tried.add(place.join());
  }

  /** Any of them, the seed's choice. Only asked when some place was tried, so the space is listed. */
  any(): Float64Array {
    for (;;) {
      const place = toUnit(this.#unit, this.#listed!.at(this.#order(this.#next++)));
      if (this.has(place)) return place;
    }
  }
}
