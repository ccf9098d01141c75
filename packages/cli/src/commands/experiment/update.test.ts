import { expect, it } from "vitest";
import { runCli } from "../../../test/fakes.ts";

const update = (...flags: string[]) => {
  const updateExperiment = async ({ body }: { body: object }) => body;
  return runCli(["experiment", "update", "-n", "mnist", ...flags], { api: { updateExperiment } });
};

it("sets tags, a bare one as an empty text, and removes others", async () => {
  const { code, stdout } = await update("--add-tag", "team=vision", "--add-tag", "best", "--remove-tag", "draft");
  expect([code, JSON.parse(stdout)]).toEqual([0, { tags: { team: "vision", best: "", draft: null } }]);
});

it("refuses to do nothing, and both at once", async () => {
  expect(await update()).toMatchObject({ code: 2, stderr: expect.stringContaining("Nothing to change") as unknown });
  expect(await update("--add-tag", "a", "--remove-tag", "a")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("not both") as unknown,
  });
});
