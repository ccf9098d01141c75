import { describe, expect, it } from "vitest";
import { runCli } from "../../../test/fakes.ts";

function vault() {
  const bodies: unknown[] = [];
  const setSecrets = async ({ body }: { body: unknown }) => {
    bodies.push(body);
  };
  return { bodies, api: { setSecrets } };
}

describe("secret set", () => {
  it("reads the value from standard input, the environment or a person, and shows it nowhere", async () => {
    const { bodies, api } = vault();
    const ways = [
      await runCli(["secret", "set", "-n", "k", "--value", "-"], { api, input: "hush-1\n" }),
      await runCli(["secret", "set", "-n", "k"], { api, env: { SWITCHYARD_SECRET: "hush-2" } }),
      await runCli(["secret", "set", "-n", "k"], { api, answers: ["hush-3"] }),
    ];
    expect(bodies).toEqual(["hush-1", "hush-2", "hush-3"].map((k) => ({ secrets: { k } })));
    for (const { code, stdout, stderr } of ways) {
      expect([code, stderr]).toEqual([0, ""]);
      expect(stdout).not.toContain("hush");
    }
  });

  it("warns of a value among the arguments, and refuses none and an empty one", async () => {
    const { bodies, api } = vault();
    expect((await runCli(["secret", "set", "-n", "k", "--value", "seen"], { api })).stderr).toContain("SWITCHYARD_SECRET");
    expect((await runCli(["secret", "set", "-n", "k"], { api })).code).toBe(2);
    expect((await runCli(["secret", "set", "-n", "k", "--value", "-"], { api, input: "" })).code).toBe(2);
    expect((await runCli(["secret", "set", "--value", "x"], { api })).code).toBe(2);
    expect(bodies).toHaveLength(1);
  });
});
