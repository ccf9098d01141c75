import type { SweepParameter } from "../expressions.ts";
import { EXPRESSIONS, optionsOf } from "../expressions.ts";
import { placeOf, placeOfParameter, refuseInV1, refuseUnknownInV1, type SweepCase } from "./case.ts";

const BAYESIAN_RUNS_PER_PARAMETER = 20;
/** So many times, at least, Bayesian sampling should look at what has come of its choices. */
const BAYESIAN_ROUNDS = 10;

/** What the kind of sampling asks of the space, the policy and the number of trials (spec 06 §2). */
export function checkSampling(facts: SweepCase): void {
  const { type } = facts.configuration.sampling;
  if (type === "grid") checkGrid(facts);
  if (type === "bayesian") checkBayesian(facts);
  if (type === "sobol")
    refuseUnknownInV1(facts, placeOf(facts.given, "sampling", "type"), "sampling.type", "there is no sobol sampling; use random");
}

function checkGrid(facts: SweepCase): void {
  forEachParameter(facts, (parameter, index) => {
    const name = parameter.expression[0];
    const at = placeOfParameter(facts.given, index);
    if (!EXPRESSIONS[name].finite) {
      const message = `"${parameter.name}" is ${name}, which has no end of values; a grid needs "choice" with the values to try`;
      facts.problems.error(at, "sampling.parameter_space", message);
    } else if (name !== "choice") {
      const message = `"${parameter.name}" is ${name}; a grid takes "choice" only`;
      refuseInV1(facts, at, "sampling.parameter_space", message, "list the values in a choice");
    }
  });
}

function checkBayesian(facts: SweepCase): void {
  const { configuration, given, problems } = facts;
  forEachParameter(facts, (parameter, index) => {
    const name = parameter.expression[0];
    if (EXPRESSIONS[name].bayesianInV1) return;
    const message = `"${parameter.name}" is ${name}; Bayesian sampling takes choice, uniform and quniform only`;
    refuseInV1(facts, placeOfParameter(given, index), "sampling.parameter_space", message, "use one of them, or random sampling");
  });
  if (configuration.policy.type !== "NoTerminationPolicy") {
    const message = "Bayesian sampling does not go with early termination";
    refuseInV1(facts, placeOf(given, "policy"), "policy", message, "leave the policy out, or use random sampling");
  }
  const parameters = configuration.sampling.parameterSpace.length;
  const wanted = BAYESIAN_RUNS_PER_PARAMETER * parameters;
  if (configuration.maxTotalRuns < wanted) {
    const message = `${configuration.maxTotalRuns} runs are few for Bayesian sampling of ${parameters} parameter${parameters === 1 ? "" : "s"}; ${wanted} or more are recommended`;
    problems.warning(placeOf(given, "maxTotalRuns"), "max_total_runs", message);
  }
  checkAtOnce(facts);
}

/** What is chosen before any result is there cannot learn from one. */
function checkAtOnce({ configuration: { maxTotalRuns, maxConcurrentRuns }, given, problems, generates }: SweepCase): void {
  if (generates === false || maxTotalRuns === 1 || (maxConcurrentRuns !== null && maxConcurrentRuns < maxTotalRuns)) return;
  const some = Math.max(1, Math.floor(maxTotalRuns / BAYESIAN_ROUNDS));
  const message = `all ${maxTotalRuns} runs are chosen at once, before any has a result to learn from; max_concurrent_runs: ${some} lets later ones learn from earlier ones`;
  problems.warning(placeOf(given, maxConcurrentRuns === null ? "maxTotalRuns" : "maxConcurrentRuns"), "max_concurrent_runs", message);
}

/** Visits those of nested choices too; the index is that of the outermost parameter. */
export function forEachParameter({ configuration }: SweepCase, visit: (parameter: SweepParameter, index: number) => void): void {
  const each = (parameter: SweepParameter, index: number): void => {
    visit(parameter, index);
    if (parameter.expression[0] !== "choice") return;
    for (const option of optionsOf(parameter.expression)) {
      if (option.kind === "space") for (const inner of option.parameters) each(inner, index);
      if (option.kind === "expression") each({ name: parameter.name, expression: option.expression, when: null }, index);
    }
  };
  configuration.sampling.parameterSpace.forEach(each);
}
