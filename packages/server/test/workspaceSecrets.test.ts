import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Run } from "@switchyard/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asRun } from "./support/runToken.ts";
import { TemporaryServer } from "./support/temporaryServer.ts";

const WS = "/workspaces/default";
const VALUE = "hush-8152-of-the-workspace";

describe("secrets of a workspace", () => {
  let server: TemporaryServer;
  beforeAll(async () => {
    server = await TemporaryServer.start({ logLevel: "trace", logTo: "file" });
  });
  afterAll(() => server.close());
  const read = (names: string[], headers = {}) => server.get<{ secrets: object }>("POST", `${WS}/secrets/read`, { names }, headers);

  it("are set, listed by name, read and deleted", async () => {
    await server.get("PUT", `${WS}/secrets`, { secrets: { "Api-Key": VALUE, empty: "" } });
    expect(await read(["api-key", "empty", "none"])).toEqual({ secrets: { "api-key": VALUE, empty: "", none: null } });
    const listed = await server.get<{ name: string }[]>("GET", `${WS}/secrets`);
    expect(listed.map(({ name }) => name)).toEqual(["Api-Key", "empty"]);
    await server.get("PUT", `${WS}/secrets`, { secrets: { "API-KEY": `${VALUE}-2` } });
    expect(await read(["Api-Key"])).toEqual({ secrets: { "Api-Key": `${VALUE}-2` } });
    await server.get("DELETE", `${WS}/secrets/empty`);
    expect(await server.problem("DELETE", `${WS}/secrets/empty`)).toMatchObject({ code: "not_found" });
    expect(await read(["empty"])).toEqual({ secrets: { empty: null } });
  });

  it("belong to one workspace", async () => {
    await server.get("POST", "/workspaces", { name: "other" });
    const found = await server.get("POST", "/workspaces/other/secrets/read", { names: ["Api-Key"] });
    expect(found).toEqual({ secrets: { "Api-Key": null } });
    expect(await server.problem("POST", "/workspaces/none/secrets/read", { names: [] })).toMatchObject({ code: "not_found" });
  });

  it("are refused as a whole when one has a wrong name or is too long", async () => {
    for (const secrets of [{ good: "1", "a b": "2" }, { good: "1", "": "2" }, { good: "1", long: "x".repeat(25_001) }, { good: 7 }]) {
      expect(await server.problem("PUT", `${WS}/secrets`, { secrets })).toMatchObject({ code: "bad_request" });
    }
    expect(await read(["good"])).toEqual({ secrets: { good: null } });
    expect(await server.problem("POST", `${WS}/secrets/read`, { names: ["../etc"] })).toMatchObject({ code: "bad_request" });
  });

  it("are read by a run of the workspace, by name, and by no other; a run does nothing else with them", async () => {
    await server.get("PUT", `${WS}/secrets`, { secrets: { shared: VALUE } });
    const { runId } = await server.get<Run>("POST", `${WS}/interactive-runs`, { experimentName: "secrets", snapshotId: null });
    const run = await asRun(server, runId);
    expect(await read(["shared"], run)).toEqual({ secrets: { shared: VALUE } });
    for (const [method, path, body] of [
      ["GET", "", undefined],
      ["PUT", "", { secrets: { mine: "1" } }],
      ["DELETE", "/shared", undefined],
    ] as const) {
      expect(await server.problem(method, `${WS}/secrets${path}`, body, run)).toMatchObject({ code: "forbidden" });
    }
    const elsewhere = await server.problem("POST", "/workspaces/other/secrets/read", { names: ["shared"] }, run);
    expect(elsewhere).toMatchObject({ code: "forbidden" });
    expect(await server.problem("POST", `${WS}/secrets/read`, { names: ["shared"] }, { authorization: "Bearer sy_none" })).toMatchObject({
      code: "unauthenticated",
    });
  });

  it("lie in no file of the server, log included, as they are", async () => {
    const files = readdirSync(server.home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const paths = files.map((entry) => join(entry.parentPath, entry.name));
    expect(paths.some((path) => path.endsWith("switchyard.db"))).toBe(true);
    expect(paths.some((path) => path.includes("/logs/"))).toBe(true);
    expect(paths.filter((path) => readFileSync(path).includes(VALUE))).toEqual([]);
  });

  it("open only with the key they were sealed with", async () => {
    const key = Buffer.alloc(32, 7).toString("base64");
    const { databaseUrl, artifactsUrl } = {
      databaseUrl: `sqlite:${join(server.home, "switchyard.db")}`,
      artifactsUrl: `folder:${join(server.home, "artifacts")}`,
    };
    await expect(TemporaryServer.start({ key, databaseUrl, artifactsUrl })).rejects.toThrow(/holds credentials under key/);
  });
});
