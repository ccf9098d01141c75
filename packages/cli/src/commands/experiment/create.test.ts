import { expect, it } from "vitest";
import { runCli } from "../../../test/fakes.ts";

const create = (name: string) => {
  const createExperiment = async ({ body }: { body: { name: string } }) => ({ name: body.name });
  return runCli(["experiment", "create", "-n", name], { api: { createExperiment } });
};

it("warns of a name that Azure ML v1 would not have taken, and makes the experiment", async () => {
  const { code, stdout, stderr } = await create("ab");
  expect([code, JSON.parse(stdout)]).toEqual([0, { name: "ab" }]);
  expect(stderr).toContain("Azure ML v1 took 3 to 36");
  expect((await create("mnist")).stderr).toBe("");
});

it("refuses a name that no experiment can have", async () => {
  const { code, stderr } = await create("a/b");
  expect(code).toBe(2);
  expect(stderr).toContain('"a/b" cannot be the name of an experiment');
});
