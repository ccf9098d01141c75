import { parseRunConfiguration, toWire } from "@switchyard/protocol";
import { describe, expect, it } from "vitest";
import { golden } from "../golden.ts";

const NAMES = ["annotated", "json-cluster", "older", "python-spelling", "broken"];

describe("run configurations of the golden folder", () => {
  for (const name of NAMES) {
    it(`reads ${name}.runconfig as expected`, () => {
      const expected = JSON.parse(golden(`runconfig/${name}.json`).toString());
      const file = `${name}.runconfig`;
      const { configuration, problems } = parseRunConfiguration(golden(`runconfig/${file}`), { file });
      const places = problems.map(({ severity, line, column, path, nearest }) => ({
        severity,
        line,
        column,
        path,
        ...(nearest ? { nearest } : {}),
      }));
      expect(places).toEqual(expected.problems);
      expect(problems.every((problem) => problem.file === file && problem.message.startsWith(problem.path))).toBe(true);
      if (expected.wire) expect(toWire(configuration!)).toMatchObject(expected.wire);
      else expect(configuration).toBeNull();
    });
  }
});
