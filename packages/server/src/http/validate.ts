import { BadRequest } from "@switchyard/protocol";
import { z } from "zod";
import { nearest } from "../config/nearest.ts";

export type RequestPart = "params" | "query" | "body";

/** Checks one part of a request; the error names every wrong field, and the nearest right name for an unknown one. */
export function validate(part: RequestPart, schema: z.ZodType, value: unknown): unknown {
  const unknown = part === "params" ? [] : unknownFields(part, schema, value);
  const parsed = schema.safeParse(value);
  if (parsed.success && unknown.length === 0) return parsed.data;
  const problems = [...unknown, ...(parsed.success ? [] : parsed.error.issues.map((issue) => problemOfIssue(part, issue)))];
  const [first] = problems;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : "";
  throw new BadRequest(`${first?.field}: ${first?.message}${more}`, { details: { field: first?.field, problems } });
}

interface FieldProblem {
  readonly field: string;
  readonly message: string;
}

function problemOfIssue(part: RequestPart, issue: z.core.$ZodIssue): FieldProblem {
  const ofTheKey = issue.code === "invalid_key" ? issue.issues[0]?.message : undefined; // its own message is only that it is wrong
  return { field: [part, ...issue.path.map(String)].join("."), message: ofTheKey ?? issue.message };
}

/** A misspelt filter must not silently list everything, nor a misspelt option be ignored. */
function unknownFields(part: RequestPart, schema: z.ZodType, value: unknown): FieldProblem[] {
  if (!(schema instanceof z.ZodObject) || schema.def.catchall !== undefined || typeof value !== "object" || value === null) return [];
  const known = Object.keys(schema.shape);
  return Object.keys(value)
    .filter((key) => !known.includes(key))
    .map((key) => {
      const meant = nearest(key, known);
      return { field: `${part}.${key}`, message: `there is no such field${meant === null ? "" : `; did you mean "${meant}"?`}` };
    });
}
