import { describe, expect, it } from "vitest";
import { runCli } from "../../../test/fakes.ts";

const WORKSPACE = {
  name: "vision",
  workspaceId: "1",
  subscriptionId: "s",
  resourceGroup: "g",
  createdUtc: "2026-11-21T09:00:00.000Z",
  tags: {},
};

/** A server that keeps what it was asked for. */
function server() {
  const asked: [string, unknown][] = [];
  const answer = (name: string) => async (input: unknown) => {
    asked.push([name, input]);
    return WORKSPACE;
  };
  const api = Object.fromEntries(
    ["createWorkspace", "getWorkspace", "updateWorkspace", "deleteWorkspace"].map((name) => [name, answer(name)]),
  );
  return { api, asked };
}
const workspace = (...argv: string[]) => ["workspace", ...argv];

describe("workspace", () => {
  it("create takes what Azure ML v1 takes, and says what is not used", async () => {
    const { api, asked } = server();
    const argv = ["-w", "vision", "-g", "team", "-l", "westeurope", "-f", "Vision", "--sku", "basic", "--exist-ok", "-y", "--tags", "a=1", "b", "--hbi-workspace", "--keyvault", "/kv", "--cmk-keyvault", "/k"]; // biome-ignore format: one line
    const { code, stderr } = await runCli(workspace("create", ...argv), { api });
    expect(code).toBe(0);
    expect(asked).toEqual([
      ["createWorkspace", { body: { name: "vision", existOk: true, friendlyName: "Vision", tags: { a: "1", b: "" }, location: "westeurope", sku: "basic" } }], // biome-ignore format: one line
    ]);
    expect(stderr).toContain("/kv is not used");
    expect(stderr).toContain("Nothing is encrypted with a key of your own");
  });

  it("update changes what is given", async () => {
    const { api, asked } = server();
    expect(await runCli(workspace("update", "-w", "vision", "-d", "x", "--tags", "a=1", "--image-build-compute", "cpu"), { api })).toMatchObject({ code: 0 }); // biome-ignore format: one line
    expect(asked[0]).toEqual(["updateWorkspace", { params: { workspace: "vision" }, body: { description: "x", tags: { a: "1" }, imageBuildCompute: "cpu" } }]); // biome-ignore format: one line
    expect(await runCli(workspace("update", "-w", "vision"), { api })).toMatchObject({ code: 2 });
  });

  it("delete asks a person, and never takes a default", async () => {
    const { api, asked } = server();
    const no = await runCli(workspace("delete", "-w", "vision"), { api, answers: ["n"] });
    expect(no).toMatchObject({ code: 1 });
    expect(asked.map(([name]) => name)).toEqual(["getWorkspace"]);
    expect(await runCli(workspace("delete", "-w", "vision", "--all-resources"), { api, answers: ["y"] })).toMatchObject({ code: 0 });
    expect(asked.at(-1)).toEqual(["deleteWorkspace", { params: { workspace: "vision" }, query: { everything: true } }]);
    expect((await runCli(workspace("delete", "-y"), { api, env: { SWITCHYARD_WORKSPACE: "vision" } })).stderr).toContain(
      "Which workspace?",
    );
  });

  it("answers what this version has no means for", async () => {
    const { api } = server();
    const share = await runCli(workspace("share", "-w", "vision", "--user", "ada", "--role", "reader"), { api });
    expect(share).toMatchObject({ code: 2 });
    expect(share.stderr).toContain("`switchyard token create --user ada`");
    expect(await runCli(workspace("sync-keys", "-w", "vision"), { api })).toMatchObject({ code: 0 });
    expect(await runCli(workspace("private-endpoint", "list", "-w", "vision"), { api })).toMatchObject({ code: 0, stdout: "[]\n" });
    expect(await runCli(workspace("private-endpoint", "add", "-w", "vision", "--pe-name", "x"), { api })).toMatchObject({ code: 2 });
  });
});
