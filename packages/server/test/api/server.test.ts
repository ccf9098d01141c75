// The server itself over its API: hello, health, environments and targets, tokens.
import type { Token } from "@switchyard/protocol";
import { describe, expect, it } from "vitest";
import { serverOfFile, WS } from "./lab.ts";

const server = serverOfFile();

describe("beside the API", () => {
  it("a hello, health, figures and the description need no token", async () => {
    const { url } = server().server;
    expect(await (await fetch(`${url}/`)).json()).toMatchObject({ name: "Switchyard", links: { openapi: "/openapi.json" } });
    expect(await (await fetch(`${url}/healthz`)).json()).toMatchObject({ status: "ok" });
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('switchyard_runs{status="Queued"} 0');
    expect(await (await fetch(`${url}/openapi.json`)).json()).toMatchObject({ openapi: "3.1.0" });
  });

  it("status says who answers, without secrets", async () => {
    expect(await server().get("GET", "/status")).toMatchObject({
      pid: process.pid,
      url: server().server.url,
      home: server().home,
      runs: {},
    });
  });
});

describe("environments and targets", () => {
  it("keep the version of a definition that did not change", async () => {
    const definition = { name: "mine", python: { condaDependencies: { dependencies: ["python=3.11", { pip: ["numpy"] }] } } };
    expect(await server().get("POST", `${WS}/environments`, definition)).toMatchObject({ name: "mine", version: "1" });
    expect(await server().get("POST", `${WS}/environments`, definition)).toMatchObject({ version: "1" });
    expect(await server().get("POST", `${WS}/environments`, { ...definition, python: {} })).toMatchObject({ version: "2" });
    expect(await server().get("GET", `${WS}/environments/mine/versions`)).toMatchObject([{ version: "2" }, { version: "1" }]);
    expect((await server().problem("GET", `${WS}/environments/mine?version=3`)).detail).toContain("2, 1");
  });

  it("say whether the machine can take jobs", async () => {
    expect(await server().get("GET", `${WS}/computes/local`)).toMatchObject({ name: "local", healthy: true });
    expect(await server().problem("GET", `${WS}/computes/locl`)).toMatchObject({ code: "not_found", details: { nearest: "local" } });
  });
});

describe("tokens", () => {
  it("work until they are revoked, also for a stream that is open", async () => {
    const { secret, ...made } = await server().get<Token & { secret: string }>("POST", "/tokens", { note: "ci" });
    const headers = { authorization: `Bearer ${secret}` };
    expect(await server().get<Token[]>("GET", "/tokens", undefined, headers)).toContainEqual(made);
    const stream = await server().ask("GET", `${WS}/events`, undefined, headers);
    await server().get("DELETE", `/tokens/${made.tokenId}`);
    expect(await server().problem("GET", "/tokens", undefined, headers)).toMatchObject({ status: 401, code: "unauthenticated" });
    await expect(stream.text()).rejects.toThrow();
    expect(await server().problem("DELETE", "/tokens/none")).toMatchObject({ code: "not_found" });
  });

  it("expire", async () => {
    const { secret } = await server().get<{ secret: string }>("POST", "/tokens", { expiresSeconds: 0.001 });
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await server().problem("GET", "/tokens", undefined, { authorization: `Bearer ${secret}` })).toMatchObject({ status: 401 });
  });
});
