import { BadRequest } from "../errors.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import { describe, type Given, givenOfJson, isNothing } from "../runconfig/reading/given.ts";
import { type ConfigurationProblem, Problems } from "../runconfig/reading/problem.ts";
import { readText } from "../runconfig/reading/readText.ts";
import { DEFAULT_DURATION_MINUTES, type SweepConfiguration } from "./configuration.ts";
import { sweepSection } from "./reading/file.ts";
import { readParameters } from "./reading/parameters.ts";
import { readPolicy } from "./reading/policy.ts";
import { checkSweep } from "./rules/sweep.ts";

/** Whose rules hold: `v1` refuses what the hosted service refused, `own` allows what works here and notes the difference. */
export type SweepRules = "v1" | "own";

export interface SweepReading {
  readonly rules: SweepRules;
  /** the arguments of the run configuration, which are the same in all trials */
  readonly fixedArguments?: readonly string[] | undefined;
  /** false: an optimiser elsewhere chooses all values, so that the space may be empty */
  readonly generates?: boolean | undefined;
}

export interface ParsedSweep {
  /** null when there is an error among the problems */
  readonly configuration: SweepConfiguration | null;
  readonly problems: readonly ConfigurationProblem[];
}

/** Reads the YAML or JSON text of `hdconfig.yml`, says everything that is wrong with it, fills in every default. */
export function parseSweep(text: string | Uint8Array, options: SweepReading & { readonly file: string }): ParsedSweep {
  const problems = new Problems(options.file);
  const given = readText(text, problems);
  return given === null ? { configuration: null, problems: problems.all } : readSweep(given, problems, options);
}

/** The same for JSON, also for what is stored: reading it again changes nothing. Throws BadRequest that lists every error. */
export function normaliseSweep(
  json: JsonObject,
  options: SweepReading,
): { configuration: SweepConfiguration; warnings: readonly string[] } {
  const { configuration, problems } = readSweep(givenOfJson(json), new Problems("sweep"), options);
  if (configuration !== null) return { configuration, warnings: problems.map((problem) => problem.message) };
  const errors = problems.filter((problem) => problem.severity === "error");
  const messages = errors.map((problem) => problem.message);
  throw new BadRequest(`The sweep cannot be used: ${messages.join("; ")}.`, { details: { problems: errors } });
}

function readSweep(given: Given, problems: Problems, options: SweepReading): ParsedSweep {
  if (given.kind !== "map") {
    const what = isNothing(given) ? "the file is empty" : `expected a mapping of keys to values, came ${describe(given)}`;
    problems.error(given.at, "", `${what}; a sweep begins with "sampling:"`);
    return { configuration: null, problems: problems.all };
  }
  const configuration = complete(given, problems);
  if (configuration !== null) checkSweep({ configuration, given, problems, ...options });
  return { configuration: problems.hasErrors ? null : configuration, problems: problems.all };
}

/** Null when something is missing without which the other rules say nothing useful. */
function complete(given: Given, problems: Problems): SweepConfiguration | null {
  const read = sweepSection.read(given, { path: "", problems });
  const { sampling, others: _, policy: __, ...rest } = read;
  const parameterSpace =
    sampling.parameterSpace === null ? null : readParameters(sampling.parameterSpace, { path: "sampling.parameter_space", problems });
  const policy = readPolicy(given, read.policy, problems);
  requireKeys(given, problems, [
    ["sampling.type", sampling.type, 'how are values drawn? Add "type: random" (or grid, bayesian, sobol)'],
    ["sampling.parameter_space", sampling.parameterSpace, "the space is missing: a list of {name, expression, values}"],
    ["primary_metric_name", rest.primaryMetricName || null, "the name of the metric that the script logs is missing"],
    ["primary_metric_goal", rest.primaryMetricGoal, 'is more better or less? Add "primary_metric_goal: Maximize" (or Minimize)'],
    ["max_total_runs", rest.maxTotalRuns, "how many trials at most? The number is missing"],
  ]);
  if (problems.hasErrors || parameterSpace === null || policy === null) return null;
  return {
    ...(rest as SweepConfiguration),
    sampling: { ...withProperties(sampling, problems), parameterSpace: [...parameterSpace] } as SweepConfiguration["sampling"],
    policy,
    maxDurationMinutes: rest.maxDurationMinutes ?? DEFAULT_DURATION_MINUTES,
  };
}

function requireKeys(given: Given, problems: Problems, wanted: readonly (readonly [string, unknown, string])[]): void {
  for (const [path, value, message] of wanted) if (value === null && !problems.names(path)) problems.error(given.at, path, message);
}

/** `properties: {seed: 3}` is the older way to say `seed: 3`. */
function withProperties(sampling: ReturnType<typeof sweepSection.absent>["sampling"], problems: Problems) {
  const { others: _, ...known } = sampling;
  const { seed, ...properties } = known.properties as Record<string, JsonValue>;
  if (seed === undefined || known.seed !== null) return known;
  if (typeof seed === "number" && Number.isSafeInteger(seed) && seed >= 0) return { ...known, seed, properties };
  problems.error(null, "sampling.properties.seed", "the seed must be a whole number of at least 0");
  return known;
}
