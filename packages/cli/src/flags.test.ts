import { describe, expect, it } from "vitest";
import { choice, count, pairs, seconds, tags, text, toggle } from "./flags.ts";

const help = "…";

describe("flags", () => {
  it("reads durations with and without a unit", () => {
    expect(["90", "1.5m", "2h", "1d"].map((typed) => seconds({ help }).read([typed]))).toEqual([90, 90, 7200, 86_400]);
    for (const wrong of ["", "soon", "-1", "5x", "1e3"]) expect(() => seconds({ help }).read([wrong]), wrong).toThrow("is not a duration");
  });

  it("takes the last of several values, and the default without any", () => {
    expect(text({ help }).read(["a", "b"])).toBe("b");
    expect(count({ help, default: 7 }).read([])).toBe(7);
    expect(toggle({ help }).read([])).toBe(false);
    expect(toggle({ help }).read([""])).toBe(true);
  });

  it("splits pairs at the first =", () => {
    expect(pairs({ help }).read(["A=b=c", "D="])).toEqual({ A: "b=c", D: "" });
    expect(tags({ help }).read(["best", "team=vision"])).toEqual({ best: null, team: "vision" });
    expect(() => pairs({ help }).read(["A"])).toThrow("Write A=VALUE");
    expect(() => tags({ help }).read(["=x"])).toThrow("no key");
  });

  it("takes a choice in any case and names the nearest word", () => {
    const flag = choice(["json", "table"])({ help });
    expect(flag.read(["JSON"])).toBe("json");
    expect(() => flag.read(["tabel"])).toThrow("Did you mean table?");
  });
});
