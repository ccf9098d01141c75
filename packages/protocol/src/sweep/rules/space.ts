import type { JsonValue } from "../../json.ts";
import { nearestOf } from "../../runconfig/reading/nearest.ts";
import { argumentName, isSameValue } from "../arguments.ts";
import { optionsOf, type SweepParameter } from "../expressions.ts";
import { placeOf, placeOfParameter, refuseUnknownInV1, type SweepCase } from "./case.ts";
import { forEachParameter } from "./sampling.ts";

const PATH = "sampling.parameter_space";

/** Names, conditions, and the arguments that all trials share. */
export function checkSpace(facts: SweepCase): void {
  const { configuration, given, problems } = facts;
  const { parameterSpace } = configuration.sampling;
  if (parameterSpace.length === 0 && facts.generates !== false)
    problems.error(placeOf(given, "sampling", "parameterSpace"), PATH, "the space has no parameter; add one");
  checkNames(facts);
  checkFixedArguments(facts);
  parameterSpace.forEach((parameter, index) => {
    if (parameter.when !== null) checkCondition(facts, parameter, index);
  });
}

/** No name may be there twice in one trial; the options of a nested choice exclude each other. */
function checkNames(facts: SweepCase): void {
  const first = new Map<string, number>();
  facts.configuration.sampling.parameterSpace.forEach((parameter, index) => {
    for (const name of namesIn(parameter)) {
      const before = first.get(name);
      if (before === undefined) first.set(name, index);
      else {
        const where = before === index ? "" : ` in ${PATH}[${before}]`;
        facts.problems.error(
          placeOfParameter(facts.given, index),
          `${PATH}[${index}]`,
          `"${name}" was given before${where}; keep one of the two`,
        );
      }
    }
  });
}

/** The arguments that this parameter can become, each once unless one trial would have it twice. */
function namesIn(parameter: SweepParameter): string[] {
  const own = argumentName(parameter.name);
  if (parameter.expression[0] !== "choice") return [own];
  const options = optionsOf(parameter.expression);
  const inner = options.flatMap((option) => {
    if (option.kind === "space") return [option.parameters.flatMap(namesIn)];
    return [[own]];
  });
  const most = new Map<string, number>();
  for (const names of inner) {
    for (const name of names) most.set(name, Math.max(most.get(name) ?? 0, names.filter((other) => other === name).length));
  }
  return [...most].flatMap(([name, times]) => Array.from({ length: times }, () => name));
}

/** F240: what the run configuration says holds for all trials, so nothing of it can be in the space. */
function checkFixedArguments(facts: SweepCase): void {
  const fixed = new Set((facts.fixedArguments ?? []).map((argument) => argument.split("=")[0]!));
  const told = new Set<string>();
  forEachParameter(facts, (parameter, index) => {
    const name = argumentName(parameter.name);
    if (!fixed.has(name) || told.has(name)) return;
    told.add(name);
    const message = `the run configuration gives the argument "${name}" to all trials, so the space cannot vary it; remove it from one of the two`;
    facts.problems.error(placeOfParameter(facts.given, index), `${PATH}[${index}]`, message);
  });
}

function checkCondition(facts: SweepCase, { name, when }: SweepParameter, index: number): void {
  const { parameterSpace } = facts.configuration.sampling;
  const at = placeOfParameter(facts.given, index);
  const path = `${PATH}[${index}].when`;
  const error = (message: string, nearest?: string | null) => facts.problems.error(at, path, message, nearest);
  const parent = parameterOf(parameterSpace, when!.parameter);
  if (parent === undefined) {
    const nearest = nearestOf(
      when!.parameter,
      parameterSpace.map((other) => other.name),
    );
    error(`there is no parameter "${when!.parameter}"${nearest === null ? "" : `; did you mean "${nearest}"?`}`, nearest);
    return;
  }
  refuseUnknownInV1(facts, at, path, "there are no conditions; leave it out");
  if (dependsOnItself(parameterSpace, name)) error(`"${name}" depends on itself`);
  else if (parent.expression[0] !== "choice") {
    error(`"${parent.name}" is ${parent.expression[0]}; a condition can only look at a choice`);
  } else checkConditionValues(parent, when!.in, error);
}

function checkConditionValues(parent: SweepParameter, values: readonly JsonValue[], error: (message: string) => void): void {
  const options = optionsOf(parent.expression);
  const never = values.find((value) => !options.some((option) => option.kind === "value" && isSameValue(option.value, value)));
  if (never !== undefined) error(`"${parent.name}" is never ${JSON.stringify(never)}`);
}

function dependsOnItself(space: readonly SweepParameter[], name: string): boolean {
  let current = parameterOf(space, name);
  for (let steps = 0; steps <= space.length; steps++) {
    if (current === undefined || current.when === null) return false;
    current = parameterOf(space, current.when.parameter);
  }
  return true;
}

/** The parameter of this name, with or without its dashes. */
function parameterOf(space: readonly SweepParameter[], name: string): SweepParameter | undefined {
  return space.find((other) => argumentName(other.name) === argumentName(name));
}
