import { NotImplemented, type SamplingType } from "@switchyard/protocol";
import { decide } from "./policies/decide.ts";
import type { Policy } from "./policy.ts";
import type { Sampler } from "./sampler.ts";
import { gridSampler, randomSampler } from "./samplers/random.ts";
import { sobolSampler } from "./samplers/sobol.ts";

const bayesian: Sampler = () => {
  throw new NotImplemented("Bayesian sampling is not in this version yet. Use random, grid or sobol.");
};

const SAMPLERS: Readonly<Record<SamplingType, Sampler>> = { random: randomSampler, grid: gridSampler, sobol: sobolSampler, bayesian };

/** Chooses values as the sweep's sampling says. */
export const suggest: Sampler = (request) => SAMPLERS[request.sampling.type](request);

/** Decides as the sweep's policy says. */
export const judge: Policy = decide;
