import type { JsonValue } from "../../json.ts";

/** The content of a conda file: packages in order, those of a Python index in a nested list. Other keys are kept. */
export type CondaDependencies = {
  readonly name?: string;
  readonly channels?: readonly string[];
  readonly dependencies: readonly CondaDependency[];
} & { readonly [other: string]: JsonValue };
export type CondaDependency = string | { readonly pip: readonly string[] };

/** What a run gets that says nothing about its environment (spec 03 §1). */
export const DEFAULT_CONDA_DEPENDENCIES: CondaDependencies = {
  name: "project_environment",
  dependencies: ["python", "pip", { pip: ["azureml-defaults"] }],
};

/** The packages of the conda part, in order. */
export function condaPackages(conda: CondaDependencies): readonly string[] {
  return conda.dependencies.filter((dependency) => typeof dependency === "string");
}

/** The lines of the pip part, in order. */
export function pipLines(conda: CondaDependencies): readonly string[] {
  return conda.dependencies.flatMap((dependency) => (typeof dependency === "string" ? [] : dependency.pip));
}
