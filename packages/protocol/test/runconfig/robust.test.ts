import {
  BadRequest,
  type JsonObject,
  type JsonValue,
  normaliseRunConfiguration,
  parseCondaFile,
  parseEnvironmentFile,
  parseRunConfiguration,
  toYaml,
} from "@switchyard/protocol";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

const syntax = fc.array(
  fc.constantFrom(
    ..."{}[]:,-?|>&*!%#'\"\n \t",
    "script: ",
    "environment:",
    "<<: ",
    "&a ",
    "*a",
    "\n  ",
    "---",
    "- ",
    "pip",
    "dependencies:\n",
  ),
  { maxLength: 40 },
);
const texts = fc.oneof(
  fc.string({ unit: "binary" }),
  syntax.map((parts) => parts.join("")),
);
const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<JsonValue>;
const NAMES = ["script", "command", "arguments", "target", "nodeCount", "environment", "python", "docker", "data", "mpi", "condaDependencies", "dependencies", "pip"]; // biome-ignore format: a list of names
/** Objects with the keys of a configuration and values of any kind. */
const nearly: fc.Arbitrary<JsonValue> = fc.letrec<{ node: JsonValue }>((tie) => ({
  node: fc.oneof({ maxDepth: 4 }, json, fc.dictionary(fc.constantFrom(...NAMES), tie("node")), fc.array(tie("node"), { maxLength: 3 })),
})).node;
const runs = { numRuns: 200 };

describe("what people may send", () => {
  it("never makes a reader of text throw, and no answer is both good and bad", () => {
    fc.assert(
      fc.property(fc.oneof(texts, fc.uint8Array()), (text) => {
        const { configuration, problems } = parseRunConfiguration(text, { file: "f" });
        expect(configuration === null).toBe(problems.some((problem) => problem.severity === "error"));
        for (const { line, column } of problems) expect(Math.min(line ?? 0, column ?? 0)).toBeGreaterThanOrEqual(1);
        expect(parseCondaFile(text, "f").problems).toBeInstanceOf(Array);
        expect(parseEnvironmentFile(text, "f").problems).toBeInstanceOf(Array);
      }),
      runs,
    );
  });

  it("is refused as BadRequest over the wire, or can be written to a file", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...NAMES), nearly), (wire) => {
        try {
          const configuration = normaliseRunConfiguration(wire as JsonObject);
          expect(parseRunConfiguration(toYaml(configuration), { file: "f" }).configuration).toEqual(configuration);
        } catch (error) {
          expect(error).toBeInstanceOf(BadRequest);
        }
      }),
      runs,
    );
  });
});
