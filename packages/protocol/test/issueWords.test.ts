import { expect, it } from "vitest";
import { z } from "zod";
import "../src/issueWords.ts";

const name = z.string().min(3).max(5);

it.each([
  [name, "abcdef", "it must have at most 5 characters and has 6"],
  [name, "ab", "it must have at least 3 characters and has 2"],
  [name, "", "it must not be empty"],
  [z.array(z.int()).max(1), [1, 2], "it must have at most 1 items and has 2"],
  [z.array(z.int()).min(1), [], "it must not be empty"],
  [z.int().max(3), 5, "it must be at most 3"],
  [z.number().positive(), 0, "it must be more than 0"],
  [z.object({ name }), {}, "it is missing"],
  [z.string().min(1, "give a name"), "", "give a name"],
])("says what is wrong with %s %j", (schema, value, words) => {
  expect(schema.safeParse(value).error?.issues[0]?.message).toBe(words);
});
