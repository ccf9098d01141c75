import { experimentName, experimentNameWarning, mintRunId, runId, workspaceName } from "@switchyard/protocol";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

describe("names", () => {
  it("mints run ids that are run ids, whatever the experiment's name", () => {
    const names = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,255}$/);
    fc.assert(
      fc.property(names, fc.date({ min: new Date(0), max: new Date("2099-01-01"), noInvalidDate: true }), (name, now) => {
        expect(experimentName.safeParse(name).success).toBe(true);
        expect(runId.safeParse(mintRunId(name, now, "0badcafe")).error).toBeUndefined();
      }),
    );
  });

  it("says experiment, second and random part in a run's id", () => {
    expect(mintRunId("digits", new Date("2026-11-21T09:00:00.999Z"), "0badcafe")).toBe("digits_1795251600_0badcafe");
  });

  it.each(["", "../etc", "a/b", ".hidden", "-r", "a b", "é", "a\0", "x".repeat(257)])("refuses %j as a run's id", (name) => {
    expect(runId.safeParse(name).success).toBe(false);
  });

  it.each(["", "a.b", "a/b", "_a", "a b", "x".repeat(257)])("refuses %j as an experiment", (name) => {
    expect(experimentName.safeParse(name).success).toBe(false);
  });

  it.each(["", "..", "a/b", "x".repeat(65)])("refuses %j as a workspace", (name) =>
    expect(workspaceName.safeParse(name).success).toBe(false),
  );

  it("warns of experiment names that older services would not take", () => {
    expect(experimentNameWarning("ab")).toMatch(/2 characters/);
    expect(experimentNameWarning("x".repeat(37))).toMatch(/37 characters/);
    expect(experimentNameWarning("mnist")).toBeNull();
  });
});
