import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCli } from "../../../test/fakes.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "switchyard-environment-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function registry() {
  const bodies: Record<string, unknown>[] = [];
  const registerEnvironment = async ({ body }: { body: Record<string, unknown> }) => {
    bodies.push(body);
    return { name: body.name, version: "1", hash: "h", createdUtc: "2026-11-21T09:00:00.000Z", definition: body };
  };
  const getEnvironment = async () => ({
    name: "env",
    version: "3",
    hash: "h",
    createdUtc: "2026-11-21T09:00:00.000Z",
    definition: bodies[0],
  });
  return { bodies, api: { registerEnvironment, getEnvironment } };
}

describe("environments", () => {
  it("are scaffolded, registered with their conda file, and downloaded again", async () => {
    const { bodies, api } = registry();
    expect((await runCli(["environment", "scaffold", "-n", "env"], { cwd: folder })).code).toBe(0);
    expect((await readdir(join(folder, "env"))).sort()).toEqual(["azureml_environment.json", "conda_dependencies.yml"]);
    expect((await runCli(["environment", "register", "-d", "env"], { cwd: folder, api })).code).toBe(0);
    expect(bodies[0]).toMatchObject({
      name: "env",
      python: { condaDependencies: { dependencies: ["python", "pip", { pip: ["azureml-defaults"] }] } },
    });
    expect((await runCli(["environment", "download", "-n", "env", "-d", "copy"], { cwd: folder, api })).code).toBe(0);
    const copy = JSON.parse(await readFile(join(folder, "copy", "azureml_environment.json"), "utf8"));
    expect(copy).toMatchObject({ name: "env", version: "3", python: { condaDependenciesFile: "conda_dependencies.yml" } });
    expect(await readFile(join(folder, "copy", "conda_dependencies.yml"), "utf8")).toContain("azureml-defaults");
  });

  it("take -v as the version", async () => {
    const asked: unknown[] = [];
    const getEnvironment = async ({ query }: { query: unknown }) => {
      asked.push(query);
      return { name: "env" };
    };
    await runCli(["environment", "show", "-n", "env", "-v", "2"], { api: { getEnvironment } });
    expect(asked).toEqual([{ version: "2" }]);
  });

  it("are not overwritten unless told", async () => {
    await runCli(["environment", "scaffold", "-n", "env", "-d", "."], { cwd: folder });
    await writeFile(join(folder, "conda_dependencies.yml"), "mine");
    const again = await runCli(["environment", "scaffold", "-n", "env", "-d", "."], { cwd: folder });
    expect(again.code).toBe(1);
    expect(again.stderr).toContain("--overwrite");
    expect(await readFile(join(folder, "conda_dependencies.yml"), "utf8")).toBe("mine");
    expect((await runCli(["environment", "scaffold", "-n", "env", "-d", ".", "--overwrite"], { cwd: folder })).code).toBe(0);
  });

  it("say which file is missing or broken, and where", async () => {
    const missing = await runCli(["environment", "register", "-d", "."], { cwd: folder });
    expect(missing.code).toBe(3);
    expect(missing.stderr).toContain("environment scaffold");
    await writeFile(join(folder, "azureml_environment.json"), '{"name": 5,\n "name": 6}');
    const broken = await runCli(["environment", "register", "-d", "."], { cwd: folder });
    expect(broken.code).toBe(2);
    expect(broken.stderr).toMatch(/azureml_environment\.json:2:\d+: error/);
  });

  it("are pruned only after --yes, and only environments", async () => {
    const bodies: unknown[] = [];
    const collectGarbage = async ({ body }: { body: { dryRun: boolean } }) => {
      bodies.push(body);
      return { dryRun: body.dryRun, environments: { count: 1, bytes: 5000, names: ["azureml_1"] } };
    };
    const options = { api: { collectGarbage }, terminal: true };
    expect((await runCli(["environment", "prune"], options)).stdout).toContain("Would remove 1 environment (5.0 kB); --yes does it.");
    expect((await runCli(["environment", "prune", "--yes", "--unused-days", "7"], options)).stdout).toContain("Removed 1 environment");
    expect(bodies).toEqual([
      { dryRun: true, environmentsUnusedDays: 30, only: ["environments"] },
      { dryRun: false, environmentsUnusedDays: 7, only: ["environments"] },
    ]);
  });
});
