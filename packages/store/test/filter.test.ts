import { BadRequest } from "@switchyard/protocol";
import { describe, expect, it } from "vitest";
import { readModelFilter } from "../src/models/search.ts";
import { parseFilter } from "../src/tracking/search/filter.ts";
import { RUN_WORDS } from "../src/tracking/search/vocabulary.ts";

describe("MLflow's filters", () => {
  it.each([`metrics."val/loss" > 1`, "metrics.`val/loss` > 1", "metrics.'val/loss' > 1"])("read a name in any quotes: %s", (filter) => {
    expect(parseFilter(filter, RUN_WORDS)).toEqual([{ subject: { kind: "metric", name: "val/loss" }, operator: ">", value: 1 }]);
  });

  it("read the number of a version in quotes, as MLflow's client gives it", () => {
    expect(readModelFilter("version", "version_number = '2'")).toMatchObject([{ field: "version", value: 2 }, {}]);
  });

  it.each(["start_time > 'now'", "start_time > '1; drop table runs'", "start_time > ''", "metrics.loss > '1'"])("refuse %s", (filter) => {
    expect(() => parseFilter(filter, RUN_WORDS)).toThrow(BadRequest);
  });
});
