import { BadRequest, RemoteError, ServerUnreachable } from "@switchyard/protocol/errors";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SwitchyardClient } from "./index.ts";
import { sendJson, sendProblem, TinyServer } from "./testing/tinyServer.ts";

const params = { workspace: "default" };
const ofRun = { workspace: "default", runId: "run_1" };

describe("SwitchyardClient", () => {
  let server: TinyServer;
  let client: SwitchyardClient;
  beforeEach(async () => {
    server = await new TinyServer((_, response) => sendJson(response, {})).start();
    client = new SwitchyardClient({ url: `${server.url}/`, token: "sy_secret" });
  });
  afterEach(() => server.stop());

  const last = () => server.requests.at(-1)!;
  /** A client that gives up soon. */
  const hasty = () => new SwitchyardClient({ url: server.url, retry: { forSeconds: 0.05, firstDelayMs: 5 } });

  it("asks with method, path, token and JSON body, and answers the parsed JSON", async () => {
    server.answerWith((_, response) => sendJson(response, { runId: "run_1" }));
    const run = await client.cancelRun({ params: ofRun, body: { graceSeconds: 5 } });
    expect(run.runId).toBe("run_1");
    expect(last()).toMatchObject({ method: "POST", url: "/api/v1/workspaces/default/runs/run_1/cancel" });
    expect(last().headers).toMatchObject({ authorization: "Bearer sy_secret", "content-type": "application/json" });
    expect(JSON.parse(last().body.toString())).toEqual({ graceSeconds: 5 });
  });

  it("needs no argument where an operation takes none", async () => {
    await client.serverStatus();
    expect(last().url).toBe("/api/v1/status");
  });

  it("encodes what comes into the path and keeps the slashes of the rest of a path", async () => {
    await client.readRunFile({ params: { ...ofRun, path: "outputs/a b/ü?#%.txt" } });
    expect(last().url).toBe("/api/v1/workspaces/default/runs/run_1/files/outputs/a%20b/%C3%BC%3F%23%25.txt");
    await client.getExperiment({ params: { ...params, experiment: "a/b" } });
    expect(last().url).toBe("/api/v1/workspaces/default/experiments/a%2Fb");
  });

  it("refuses parts of a path that would lead elsewhere, and missing ones", async () => {
    await expect(client.readRunFile({ params: { ...ofRun, path: "outputs/../../x" } })).rejects.toThrow(BadRequest);
    await expect(client.getWorkspace({ params: { workspace: ".." } })).rejects.toThrow(BadRequest);
    await expect(client.getWorkspace({ params: { workspace: "" } })).rejects.toThrow(/"workspace".*missing/);
    expect(server.requests).toEqual([]);
  });

  it("puts values and lists into the query and leaves out what is undefined", async () => {
    await client.listRuns({ params, query: { limit: 5, includeChildren: true, tag: ["a", "b=c&d"], where: undefined } });
    expect(last().url).toBe("/api/v1/workspaces/default/runs?limit=5&includeChildren=true&tag=a&tag=b%3Dc%26d");
  });

  it("throws the problem that the server tells of", async () => {
    server.answerWith((_, response) => sendProblem(response, 404, "not_found", "Run run_1 does not exist."));
    const error = await client.getRun({ params: ofRun }).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(RemoteError);
    expect(error).toMatchObject({ code: "not_found", status: 404, message: "Run run_1 does not exist." });
  });

  it("makes sense of an error page that is not the server's", async () => {
    server.answerWith((_, response) => response.writeHead(403).end("<html><b>Proxy says no</b></html>"));
    const error = await client.serverStatus().catch((thrown) => thrown);
    expect(error).toMatchObject({ code: "forbidden", status: 403 });
    expect(error.message).toMatch(/127\.0\.0\.1.*403.*Proxy says no/);
  });

  it("says that something else listens when a good answer is not JSON", async () => {
    server.answerWith((_, response) => response.end("hello"));
    await expect(client.serverStatus()).rejects.toThrow(/not answer as a Switchyard server/);
  });

  it("names the URL of a server that is not there", async () => {
    await server.stop();
    const error = await hasty()
      .serverStatus()
      .catch((thrown) => thrown);
    expect(error).toBeInstanceOf(ServerUnreachable);
    expect(error.message).toContain(server.url);
    expect(error.message).toContain("connection refused");
    expect(error.details).toEqual({ url: server.url });
  });

  it("waits for a server that restarts, even with a request that must not be repeated: it never arrived", async () => {
    await server.stop();
    const asked = client.updateRun({ params: ofRun, body: { displayName: "x" } });
    await server.start();
    await asked;
    expect(server.requests).toHaveLength(1);
  });

  it("repeats a creation with the same key when its answer was lost", async () => {
    server.answerWith((_, response) => {
      if (server.requests.length === 1) response.socket?.destroy();
      else if (server.requests.length === 2)
        response.writeHead(200, { "content-length": "100" }).write("{", () => response.socket?.destroy());
      else sendJson(response, { runId: "run_1" });
    });
    await client.submitRun({ params, body: { experimentName: "e", runConfiguration: {}, snapshotId: null } });
    const keys = server.requests.map((request) => request.headers["idempotency-key"]);
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
    await client.submitRun({ params, body: { experimentName: "e", runConfiguration: {}, snapshotId: null }, idempotencyKey: "mine" });
    expect(last().headers["idempotency-key"]).toBe("mine");
  });

  it("does not repeat what may have been done and would be done twice", async () => {
    server.answerWith((_, response) => void response.socket?.destroy());
    await expect(client.endRun({ params: ofRun, body: { status: "Completed" } })).rejects.toThrow(ServerUnreachable);
    await expect(client.updateRun({ params: ofRun, body: {} })).rejects.toThrow(ServerUnreachable);
    expect(server.requests).toHaveLength(2);
  });

  it("tries again when the server is busy, but not when a compute is unreachable", async () => {
    server.answerWith((_, response) => {
      if (server.requests.length === 1) sendProblem(response, 503, "database_unreachable", "soon");
      else sendJson(response, []);
    });
    await client.listWorkspaces();
    expect(server.requests).toHaveLength(2);
    server.answerWith((_, response) => sendProblem(response, 503, "compute_unreachable", "The host gpu1 does not answer."));
    await expect(client.listTargets({ params })).rejects.toThrow("gpu1");
    expect(server.requests).toHaveLength(3);
  });

  it("gives up when the server stays away", async () => {
    server.answerWith((_, response) => sendProblem(response, 503, "database_unreachable", "The database does not answer."));
    await expect(hasty().serverStatus()).rejects.toThrow("The database does not answer.");
  });

  it("counts how long the server is away from when it was found to be, not from the question", async () => {
    server.answerWith(async (_, response) => {
      if (server.requests.length > 1) return sendJson(response, {});
      await new Promise((resolve) => setTimeout(resolve, 200)); // a long wait for news, four times what this client is patient
      return void response.socket?.destroy();
    });
    await hasty().serverStatus();
    expect(server.requests).toHaveLength(2);
  });

  it("waits longer where a call says so", async () => {
    let answers = 0;
    server.answerWith((_, response) => {
      if (answers++ < 6)
        sendProblem(response, 503, "database_unreachable", "soon"); // more tries than fit into the patience below
      else sendJson(response, {});
    });
    const impatient = new SwitchyardClient({ url: server.url, retry: { forSeconds: 0.02, firstDelayMs: 10 } });
    await expect(impatient.serverStatus()).rejects.toThrow("soon");
    answers = 0;
    await impatient.serverStatus({ awaySeconds: 20 });
  });

  it("stops at once when it is told to", async () => {
    await server.stop();
    const stop = new AbortController();
    const asked = client.serverStatus({ signal: stop.signal });
    stop.abort(new Error("enough"));
    await expect(asked).rejects.toThrow("enough");
  });

  it("answers bytes as a Response, ranges included, and sends streams", async () => {
    server.answerWith((request, response) => void response.end(request.method === "GET" ? "bytes" : "{}"));
    const response = await client.readRunFile({ params: { ...ofRun, path: "outputs/a" }, headers: { range: "bytes=0-4" } });
    expect(await response.text()).toBe("bytes");
    expect(last().headers.range).toBe("bytes=0-4");
    await client.writeRunFile({
      params: { ...ofRun, path: "outputs/a" },
      body: async function* () {
        yield Buffer.from("in ");
        yield Buffer.from("pieces");
      },
    });
    expect(last()).toMatchObject({ method: "PUT", body: Buffer.from("in pieces") });
    expect(last().headers["content-type"]).toBe("application/octet-stream");
  });

  it("answers nothing where there is nothing to answer", async () => {
    server.answerWith((_, response) => void response.writeHead(204).end());
    expect(await client.revokeToken({ params: { tokenId: "t" } })).toBeUndefined();
  });

  it("checks answers against the schemas when asked to", async () => {
    const strict = new SwitchyardClient({ url: server.url, validate: true });
    server.answerWith((_, response) => sendJson(response, [{ name: 5 }]));
    await expect(strict.listWorkspaces()).rejects.toThrow(/expected string/);
    server.answerWith((_, response) => sendJson(response, { missing: ["a".repeat(64)] }));
    expect(await strict.missingBlobs({ body: { sha256: [] } })).toEqual({ missing: ["a".repeat(64)] });
  });
});
