import { argumentName, RESUME_ARGUMENT } from "../arguments.ts";
import { placeOf, refuseInV1, type SweepCase } from "./case.ts";

const MOST_TOTAL_IN_V1 = 1000;
const MOST_CONCURRENT_IN_V1 = 100;
const MOST_RESUMED_IN_V1 = 5;

/** The limits of spec 06 §5 and §8. */
export function checkLimits(facts: SweepCase): void {
  checkCounts(facts);
  checkDurations(facts);
  checkResumed(facts);
}

function checkCounts(facts: SweepCase): void {
  const { configuration, given } = facts;
  const { maxTotalRuns, maxConcurrentRuns } = configuration;
  if (maxTotalRuns > MOST_TOTAL_IN_V1) {
    const at = placeOf(given, "maxTotalRuns");
    refuseInV1(facts, at, "max_total_runs", `at most ${MOST_TOTAL_IN_V1} runs are allowed`, "make it smaller");
  }
  if (maxConcurrentRuns !== null && maxConcurrentRuns > MOST_CONCURRENT_IN_V1) {
    const at = placeOf(given, "maxConcurrentRuns");
    refuseInV1(facts, at, "max_concurrent_runs", `at most ${MOST_CONCURRENT_IN_V1} runs at a time are allowed`, "make it smaller");
  }
}

function checkDurations({ configuration, given, problems }: SweepCase): void {
  if (!(configuration.maxDurationMinutes > 0)) {
    problems.error(placeOf(given, "maxDurationMinutes"), "max_duration_minutes", "the sweep needs some time: a number above 0");
  }
  if (configuration.maxComputeHours !== null && !(configuration.maxComputeHours > 0)) {
    problems.error(placeOf(given, "maxComputeHours"), "max_compute_hours", "the budget must be above 0; leave it out for none");
  }
}

function checkResumed(facts: SweepCase): void {
  const { configuration, given, problems } = facts;
  for (const name of ["resumeFrom", "resumeChildRuns"] as const) {
    const path = name === "resumeFrom" ? "resume_from" : "resume_child_runs";
    const ids = configuration[name];
    if (ids.includes("")) problems.error(placeOf(given, name), path, "an empty text is no run's id");
    const repeated = ids.find((id, index) => ids.indexOf(id) !== index);
    if (repeated !== undefined) problems.error(placeOf(given, name), path, `${repeated} is named twice`);
  }
  if (configuration.resumeFrom.length > MOST_RESUMED_IN_V1) {
    const message = `at most ${MOST_RESUMED_IN_V1} earlier sweeps may be named`;
    refuseInV1(facts, placeOf(given, "resumeFrom"), "resume_from", message, "leave some out");
  }
  if (configuration.resumeChildRuns.length > configuration.maxTotalRuns) {
    const message = `${configuration.resumeChildRuns.length} trials are to be continued and max_total_runs is ${configuration.maxTotalRuns}; raise it`;
    problems.error(placeOf(given, "resumeChildRuns"), "resume_child_runs", message);
  }
  if (configuration.resumeChildRuns.length > 0 && saysWhereFrom(facts)) {
    const message = `trials that go on are told where the earlier outputs are by "${RESUME_ARGUMENT}"; take it out of the arguments and the space`;
    problems.error(placeOf(given, "resumeChildRuns"), "resume_child_runs", message);
  }
}

/** Does a person give the argument that is ours? */
function saysWhereFrom({ fixedArguments = [], configuration }: SweepCase): boolean {
  const names = configuration.sampling.parameterSpace.map(({ name }) => argumentName(name));
  return [...fixedArguments.map((argument) => argument.split("=")[0]), ...names].includes(RESUME_ARGUMENT);
}
