import { describe, expect, it } from "vitest";
import { fakeTarget, runCli } from "../../../test/fakes.ts";

type Body = { identity: unknown };

/** A server with one cluster whose identity changes. */
function cluster(identity: unknown) {
  let settings: Record<string, unknown> = { maxNodes: 4, ...(identity === null ? {} : { identity }) };
  return {
    getTarget: async () => fakeTarget({ settings }),
    updateTarget: async ({ body }: { body: Body }) => {
      settings = { ...settings, identity: body.identity };
      return fakeTarget({ settings });
    },
  };
}
const run = async (api: object, ...argv: string[]) => {
  const { code, stdout, stderr } = await runCli(["computetarget", "amlcompute", "identity", ...argv, "-n", "cluster"], { api });
  return { code, stderr, identity: stdout === "" ? undefined : JSON.parse(stdout) };
};

describe("computetarget amlcompute identity", () => {
  it("shows, assigns and removes", async () => {
    const api = cluster(null);
    expect((await run(api, "show")).identity).toBeNull();
    expect((await run(api, "assign")).identity).toEqual({ identityType: "SystemAssigned", identityIds: [] });
    expect((await run(api, "assign", "--identities", "/a", "/b")).identity).toEqual({
      identityType: "UserAssigned",
      identityIds: ["/a", "/b"],
    });
    expect((await run(api, "assign", "--identities", "/b", "/c")).identity.identityIds).toEqual(["/a", "/b", "/c"]);
    expect((await run(api, "remove", "--identities", "/B")).identity.identityIds).toEqual(["/a", "/c"]);
    expect((await run(api, "remove")).identity).toBeNull();
  });

  it("refuses a mixture, and what the cluster does not have", async () => {
    expect(await run(cluster(null), "assign", "--identities", "[system]", "/a")).toMatchObject({ code: 2 });
    const { code, stderr } = await run(cluster({ identityType: "SystemAssigned", identityIds: [] }), "remove", "--identities", "/a");
    expect(code).toBe(2);
    expect(stderr).toContain('"cluster" has no identity /a. It has [system].');
  });
});
