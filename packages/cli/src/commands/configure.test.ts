import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCli } from "../../test/fakes.ts";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "switchyard-configure-"));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const cli = (argv: readonly string[], api = {}) => runCli(argv, { env: { SWITCHYARD_HOME: home }, api });

describe("configure", () => {
  it("stores defaults beside those that are there, and takes them away again", async () => {
    expect(await cli(["configure", "--defaults", "group=team", "aml_workspace=vision"])).toMatchObject({ code: 0, stdout: "" });
    await cli(["configure", "-d", "group=other"]);
    const listed = JSON.parse((await cli(["configure", "--list-defaults"])).stdout);
    expect(listed).toMatchObject([
      { name: "group", value: "other" },
      { name: "aml_workspace", value: "vision" },
    ]);
    await cli(["configure", "--defaults", "aml_workspace="]);
    expect(JSON.parse((await cli(["configure", "-l"])).stdout)).toHaveLength(1);
  });

  it("gives the workspace of commands that name none", async () => {
    const seen: string[] = [];
    const api = { getWorkspace: async ({ params }: { params: { workspace: string } }) => void seen.push(params.workspace) };
    await cli(["configure", "--defaults", "aml_workspace=vision"]);
    await cli(["workspace", "show"], api);
    await cli(["workspace", "show", "-w", "other"], api);
    expect(seen).toEqual(["vision", "other"]);
  });

  it("refuses what is no pair, what is near a default, and folders of their own", async () => {
    expect(await cli(["configure", "--defaults", "vision"])).toMatchObject({ code: 2 });
    const near = await cli(["configure", "--defaults", "workspce=vision", "--defaults", "groupe=x"]);
    expect(near.code).toBe(2);
    expect(near.stderr).toContain("Did you mean group?");
    expect((await cli(["configure", "--defaults", "group=x", "--scope", "local"])).stderr).toContain("folder attach");
    const other = await cli(["configure", "--defaults", "vmss=x"]);
    expect(other.code).toBe(0);
    expect(other.stderr).toContain('"vmss" has no meaning here');
  });

  it("says which file is broken, and leaves it", async () => {
    await writeFile(join(home, "cli.json"), "{oops");
    const { code, stderr } = await cli(["configure", "--defaults", "group=x"]);
    expect(code).toBe(2);
    expect(stderr).toContain('cli.json" is not JSON');
    expect(await readFile(join(home, "cli.json"), "utf8")).toBe("{oops");
  });
});
