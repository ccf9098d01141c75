export { HyperDriveConfig, type HyperDriveOptions, PrimaryMetricGoal } from "./config.ts";
export { choice, lognormal, loguniform, normal, qlognormal, qloguniform, qnormal, quniform, randint, uniform } from "./expressions.ts";
export {
  AshaPolicy,
  BanditPolicy,
  HyperbandPolicy,
  MedianStoppingPolicy,
  NoTerminationPolicy,
  type PolicyTimes,
  TruncationSelectionPolicy,
} from "./policies.ts";
export { HyperDriveRun, type RankedChild } from "./run.ts";
export {
  BayesianParameterSampling,
  GridParameterSampling,
  type ParameterSpace,
  RandomParameterSampling,
  type SamplingOptions,
  SobolParameterSampling,
} from "./sampling.ts";
