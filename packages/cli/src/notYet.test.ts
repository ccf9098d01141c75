import { describe, expect, it } from "vitest";
import { runCli } from "../test/fakes.ts";
import { COMMANDS } from "./commands/index.ts";
import { NOT_YET } from "./notYet.ts";

describe("commands of Azure ML v1 that are not here", () => {
  it("are answered by name with the feature they are about, before a server is asked", async () => {
    for (const [name, feature] of Object.entries(NOT_YET)) {
      const { code, stderr } = await runCli([...name.split(" "), "-n", "x", "--some-option"], { sdk: { connect: asked } });
      expect(code, name).toBe(2);
      expect(stderr, name).toContain(`\`${name}\` is known, and this version does not have it: ${feature} come later.`);
    }
  });

  it("are none that are here", () => {
    expect(Object.keys(NOT_YET).filter((name) => Object.hasOwn(COMMANDS, name))).toEqual([]);
  });

  it("stand in the help of their group", async () => {
    expect((await runCli(["service", "--help"])).stdout).toMatch(/service get-access-token +Tokens of web services: not in this version/);
    expect((await runCli(["run", "--help"])).stdout).toMatch(/run submit-pipeline +Pipelines: not in this version/);
    expect((await runCli(["endpoint"])).code).toBe(2);
  });

  it.each([
    [["servce", "list"], 'Did you mean "switchyard service"?'],
    [["pipeline", "lst"], 'Did you mean "switchyard pipeline list"?'],
    [["computetarget", "amlcompute", "identty"], 'Did you mean "switchyard computetarget amlcompute identity"?'],
    [["job", "create", "-f", "job.yml"], "belongs to the command line of Azure ML v2"],
  ])("%j names the nearest one", async (argv, message) => {
    const { code, stderr } = await runCli(argv);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });

  it("takes every command behind `ml` too", async () => {
    expect((await runCli(["ml", "run", "list", "--help"])).stdout).toContain("switchyard run list");
    expect((await runCli(["ml", "-h"])).code).toBe(0);
    expect((await runCli(["ml", "project", "attach", "--help"])).stdout).toContain("switchyard folder attach");
  });
});

async function asked(): Promise<never> {
  throw new Error("the server was asked");
}
