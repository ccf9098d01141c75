// Every command of the guide's pages works as it is written there.
import { afterAll, describe, expect, it } from "vitest";
import { Desk } from "../support/desk.ts";
import { blocksOf, commandsOf, typeAt } from "../support/guide.ts";

describe.each(["local.md", "computeinstance.md", "cluster.md", "data.md", "models.md", "services.md"])("docs/guide/%s", (page) => {
  const desk = new Desk();
  desk.write("train.py", blocksOf("local.md", "python")[0]!);
  desk.write("score.py", blocksOf("services.md", "python")[0]!);
  desk.write("inference.json", blocksOf("services.md", "json")[0]!);
  afterAll(() => desk.close());

  it.each(commandsOf(page))("$line", async ({ line, refused }) => {
    const { code, text } = await typeAt(desk, line);
    expect({ code, text }).toEqual({
      code: refused ? expect.toBeOneOf([1, 2]) : 0,
      text: expect.stringContaining(refused ? "Error:" : ""),
    });
  });
});

describe("docs/guide/sweeps.md", () => {
  const desk = new Desk();
  desk.write("train.py", blocksOf("sweeps.md", "python")[0]!);
  desk.write(".azureml/hdconfig.yml", blocksOf("sweeps.md", "yaml")[0]!);
  afterAll(() => desk.close());

  it.each(commandsOf("sweeps.md"))("$line", async ({ line, refused }) => {
    const { code, text } = await typeAt(desk, line);
    expect({ code, text }).toEqual({ code: refused ? 2 : 0, text: expect.stringContaining(refused ? "Error:" : "") });
  });
});

describe("docs/guide/from-azureml.md", () => {
  const desk = new Desk();
  desk.write("train.py", blocksOf("local.md", "python")[0]!);
  desk.write(".azureml/config.json", '{"subscription_id": "s", "resource_group": "g", "workspace_name": "default"}');
  desk.write(
    ".azureml/local.runconfig",
    "script: train.py\nenvironment: {python: {userManagedDependencies: true, interpreterPath: python3}}\n",
  );
  afterAll(() => desk.close());

  it.each(commandsOf("from-azureml.md"))("$line", async ({ line }) => {
    expect(await typeAt(desk, line)).toMatchObject({ code: 0 });
  });
});
