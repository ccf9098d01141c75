import type { SamplingType } from "@switchyard/protocol";
import type { Sampler } from "../sampler.ts";
import { bayesianSampler } from "./bayesian.ts";
import { gridSampler, randomSampler } from "./random.ts";
import { sobolSampler } from "./sobol.ts";

const SAMPLERS: Readonly<Record<SamplingType, Sampler>> = {
  random: randomSampler,
  grid: gridSampler,
  bayesian: bayesianSampler,
  sobol: sobolSampler,
};

/** Chooses values by the kind of sampling that the request names. */
export const suggest: Sampler = (request) => SAMPLERS[request.sampling.type](request);
