import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCli } from "../test/fakes.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "switchyard-advice-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const missing = (name: string) => ({
  listRuns: async () => {
    throw Object.assign(new Error(`There is no workspace "${name}".`), { code: "not_found" });
  },
});

describe("a workspace that is not there", () => {
  it("is said with the file that names it, and what makes it", async () => {
    await mkdir(join(folder, ".azureml"));
    const file = join(folder, ".azureml/config.json");
    await writeFile(file, JSON.stringify({ workspace_name: "contoso" }));
    const { code, stderr } = await runCli(["run", "list"], { api: missing("contoso"), cwd: folder });
    expect(code).toBe(3);
    expect(stderr).toContain(
      `There is no workspace "contoso". ${file} names it. \`switchyard workspace create -w contoso\` makes it, \`switchyard import azureml\` with all that the project needs.`,
    );
  });

  it("is said with the variable or the stored default that names it", async () => {
    const env = { SWITCHYARD_WORKSPACE: "w" };
    expect((await runCli(["run", "list"], { api: missing("w"), env })).stderr).toContain('"w". SWITCHYARD_WORKSPACE names it. `switchyard');
    await writeFile(join(folder, "cli.json"), JSON.stringify({ defaults: { aml_workspace: "s" } }));
    const stored = await runCli(["run", "list"], { api: missing("s"), env: { SWITCHYARD_HOME: folder } });
    expect(stored.stderr).toContain("The stored default (`switchyard configure --list-defaults`) names it.");
    const deleted = await runCli(["workspace", "delete", "-w", "gone", "-y"], { api: { getWorkspace: missing("gone").listRuns } });
    expect(deleted.stderr).toContain('There is no workspace "gone".\n');
    const typed = await runCli(["run", "list", "-w", "typed"], { api: missing("typed") });
    expect(typed.stderr).toContain('There is no workspace "typed". `switchyard workspace create -w typed` makes it.');
  });
});

describe("a home that cannot be used", () => {
  it("is said with the way to another one; another file is not", async () => {
    const unusable = (path: string) => ({
      listRuns: async () => {
        throw Object.assign(new Error("EACCES"), { code: "EACCES", path });
      },
    });
    const ask = async (path: string) =>
      (await runCli(["run", "list"], { api: unusable(path), env: { SWITCHYARD_HOME: "/srv/home" } })).stderr;
    expect(await ask("/srv/home/logs")).toContain(
      "may not read or write it. It lies in the home of the server: --home or SWITCHYARD_HOME names",
    );
    expect(await ask("/srv/home2")).not.toContain("It lies in the home of the server");
  });
});
