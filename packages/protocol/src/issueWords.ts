import { z } from "zod";

/** What is wrong with a value that is missing, too long or too great, for a person: zod's own is `Too big: expected string to have <=64 characters`. */
function wordsOf(issue: z.core.$ZodRawIssue): string | undefined {
  const { input } = issue;
  if (issue.code === "invalid_type" && input === undefined) return "it is missing";
  if (issue.code !== "too_big" && issue.code !== "too_small") return undefined;
  const isLength = typeof input === "string" || Array.isArray(input);
  if (isLength && input.length === 0) return "it must not be empty";
  const limit =
    issue.code === "too_big"
      ? `${issue.inclusive === false ? "less than" : "at most"} ${issue.maximum}`
      : `${issue.inclusive === false ? "more than" : "at least"} ${issue.minimum}`;
  if (!isLength) return `it must be ${limit}`;
  return `it must have ${limit} ${typeof input === "string" ? "characters" : "items"} and has ${input.length}`;
}

z.config({ customError: wordsOf });
