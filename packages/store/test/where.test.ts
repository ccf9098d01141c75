import { BadRequest } from "@switchyard/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseWhere } from "../src/runs/list/where.ts";

describe("where", () => {
  it.each([
    ["", "expected the name of a field at character 1, found the end"],
    ["metrics.loss <", "expected a number or a text in single quotes at character 15, found the end"],
    ["metrics.loss 0.5", 'expected one of = != < <= > >= like at character 14, found "0.5"'],
    ["metrics.loss < 0.5 or status = 'Failed'", 'expected `and` or the end at character 20, found "or"'],
    ["metrics.loss < 0.5 and", "expected the name of a field at character 23, found the end"],
    ["metrics < 1", "expected a name after the dot"],
    ["tags. = 'a'", "expected a name after the dot"],
    ["metric.loss < 1", 'there is no field "metric.loss" (at character 1)'],
    ["displayNam = 'x'", 'Did you mean "displayName"?'],
    ["status = 'Complete'", 'Did you mean "Completed"?'],
    ["duration = 'long'", 'expected a number at character 12, found "long"'],
    ["created < 'yesterday'", "expected an instant"],
    ["number like '1%'", "compares texts"],
    ["tags.a like 5", "expected a pattern in single quotes"],
    ["tags.a like 'x\\'", "ends with a lone \\"],
    ["tags.a = 'open", "The ' at character 10 is never closed"],
    ["tags.a = 1; drop table runs", 'The character ";" at character 11 has no meaning here'],
    ["x".repeat(5000), "it has 5000 characters"],
  ])("refuses %s", (text, message) => {
    expect(() => parseWhere(text)).toThrow(BadRequest);
    expect(() => parseWhere(text)).toThrow(message);
  });

  it("reads any name and any text that is quoted", () => {
    const text = fc.string({ maxLength: 30 });
    fc.assert(
      fc.property(text, text, (name, value) => {
        const where = `tags."${name.replaceAll('"', '""')}" = '${value.replaceAll("'", "''")}' and status != 'failed'`;
        expect(parseWhere(where)).toMatchObject([
          { subject: { kind: "tags", name }, operator: "=", value },
          { operator: "!=", value: "Failed" },
        ]);
      }),
    );
  });

  it("never fails other than with BadRequest", () => {
    const words = fc.constantFrom("metrics.", "tags.", "a", "and", "=", "<", "'", '"', "1", "-", ".", " ", "\\", "status", "\n");
    fc.assert(
      fc.property(
        fc.array(words).map((parts) => parts.join("")),
        (text) => {
          try {
            parseWhere(text);
          } catch (error) {
            expect(error).toBeInstanceOf(BadRequest);
          }
        },
      ),
    );
  });
});
