import { readFile } from "node:fs/promises";
import type { JsonObject } from "@switchyard/protocol";
import { BadRequest, NotFound } from "@switchyard/protocol/errors";
import { requirementLines, withIncludedRequirements } from "./requirements.ts";

/** A conda file as the JSON that travels inside a run configuration. */
export async function condaFromFile(file: string, warn: (warning: string) => void): Promise<JsonObject> {
  const { formatProblem, parseCondaFile } = await import("@switchyard/protocol");
  const { dependencies, problems } = parseCondaFile(await withIncludedRequirements(await textOf(file, "conda file"), file), file);
  for (const problem of problems) if (problem.severity === "warning") warn(formatProblem(problem));
  if (dependencies !== null) return dependencies;
  const errors = problems.filter((problem) => problem.severity === "error");
  throw new BadRequest(`The conda file cannot be used.\n${errors.map(formatProblem).join("\n")}`, { details: { problems: errors } });
}

/** The same for a pip requirements file. */
export async function condaFromRequirements(file: string): Promise<JsonObject> {
  return { name: "project_environment", dependencies: ["python", "pip", { pip: await requirementLines(file) }] };
}

async function textOf(file: string, what: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new NotFound(`The ${what} "${file}" does not exist.`, { cause: error });
  }
}
