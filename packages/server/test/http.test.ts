// The generic route layer over real HTTP, with handlers and access facts made for the test.
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { Conflict, type Problem } from "@switchyard/protocol";
import type { FastifyInstance } from "fastify";
import { pino } from "pino";
import { afterEach, describe, expect, it } from "vitest";
import type { AccessFacts, Caller } from "../src/http/access.ts";
import { createApp } from "../src/http/app.ts";
import type { Handlers, ServerEvent } from "../src/http/handler.ts";
import { onceByKey } from "../src/http/once.ts";
import { registerRoutes } from "../src/http/routes.ts";
import { memoryKeys } from "./support/memoryKeys.ts";

const callers = new Map<string, Caller>();
const runs = [
  { id: "parent", workspace: "ws", parentId: null, rootId: "parent" },
  { id: "child", workspace: "ws", parentId: "parent", rootId: "parent" },
  { id: "grandchild", workspace: "ws", parentId: "child", rootId: "parent" },
  { id: "sibling", workspace: "ws", parentId: "parent", rootId: "parent" },
  { id: "stranger", workspace: "ws", parentId: null, rootId: "stranger" },
];
const access: AccessFacts = {
  verify: async (secret) => callers.get(secret),
  run: async (id) => runs.find((run) => run.id === id),
  hasWorkspace: async (name) => name === "ws",
};

let app: FastifyInstance | undefined;
const stopping = new AbortController();
afterEach(async () => {
  await app?.close();
  app = undefined;
});

async function serve(handlers: Partial<Handlers>, heartbeatSeconds = 60): Promise<string> {
  callers.set("user", { scope: "user", tokenId: "1", user: "ada", runId: null });
  callers.set("run", { scope: "run", tokenId: "2", user: "ada", runId: "child" });
  const log = pino({ level: "silent" });
  app = createApp(log, { answered() {} });
  const once = onceByKey(memoryKeys());
  registerRoutes(app, handlers as Handlers, { access, log, heartbeatSeconds, stopping: stopping.signal, once });
  await app.listen({ host: "127.0.0.1", port: 0 });
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/api/v1`;
}

const as = (token: string, more: Record<string, string> = {}) => ({ headers: { authorization: `Bearer ${token}`, ...more } });
const problemFrom = async (response: Response) => {
  expect(response.headers.get("content-type")).toContain("application/problem+json");
  const problem = (await response.json()) as Problem;
  expect(problem.status).toBe(response.status);
  return problem;
};

describe("who may ask", () => {
  it("is settled before anything else", async () => {
    const url = await serve({ listWorkspaces: async () => [] });
    const none = await fetch(`${url}/workspaces`);
    expect(none.headers.get("www-authenticate")).toBe("Bearer");
    expect(await problemFrom(none)).toMatchObject({ status: 401, code: "unauthenticated" });
    expect((await fetch(`${url}/workspaces`, as("wrong"))).status).toBe(401);
    expect(await (await fetch(`${url}/workspaces`, as("user"))).json()).toEqual([]);
  });

  it("leaves a run's own token that run, its descendants, and the runs above for what may be done there", async () => {
    const answer = async ({ params }: { params: { runId: string } }) => ({ runId: params.runId }) as never;
    const url = await serve({ whyRun: answer, getJournalPosition: answer, listTargets: async () => [], listTargetNodes: async () => [] });
    const status = async (path: string, token = "run") => (await fetch(`${url}/workspaces/${path}`, as(token))).status;
    expect(await status("ws/runs/child/why")).toBe(200);
    expect(await status("ws/runs/grandchild/why")).toBe(200);
    expect(await status("ws/runs/parent/why")).toBe(200);
    expect(await status("ws/runs/parent/journal/writer")).toBe(403);
    expect(await status("ws/runs/child/journal/writer")).toBe(200);
    expect(await status("ws/runs/sibling/why")).toBe(403);
    expect(await status("ws/runs/stranger/why")).toBe(403);
    expect(await status("ws/runs/nobody/why")).toBe(404);
    expect(await status("other/runs/child/why")).toBe(403);
    expect(await status("ws/computes")).toBe(200);
    expect(await status("other/computes")).toBe(403);
    expect(await status("ws/computes/c/nodes")).toBe(403);
    expect(await status("ws/runs/stranger/why", "user")).toBe(200);
    expect(await status("other/runs/child/why", "user")).toBe(404);
  });
});

describe("a request that is wrong", () => {
  const handlers = {
    listRuns: async () => ({ items: [], next: null }),
    createToken: async ({ body }: { body: object }) => body as never,
    getRun: async () => {
      throw new Conflict("no");
    },
  };

  it.each([
    ["/workspaces/ws/runs?limit=0", "query.limit"],
    ["/workspaces/ws/runs?limit=x", "query.limit"],
    ["/workspaces/ws/runs?stauts=Failed", "query.stauts"],
    ["/workspaces/%20/runs", "params.workspace"],
  ])("%s is told which field", async (path, field) => {
    const url = await serve(handlers);
    const problem = await problemFrom(await fetch(url + path, as("user")));
    expect(problem).toMatchObject({ status: 400, code: "bad_request", details: { field } });
    expect(problem.detail).toContain(field);
  });

  it("is told the rule that a name in a map breaks", async () => {
    const url = await serve({ setSecrets: async () => undefined as never });
    const body = JSON.stringify({ secrets: { a_b: "x" } });
    const headers = { ...as("user").headers, "content-type": "application/json" };
    const problem = await problemFrom(await fetch(`${url}/workspaces/ws/secrets`, { method: "PUT", headers, body }));
    expect(problem).toMatchObject({ status: 400, details: { field: "body.secrets.a_b" } });
    expect(problem.detail).toContain("the name of a secret has 1 to 127 letters, digits and '-'");
  });

  it("names the nearest field", async () => {
    const url = await serve(handlers);
    expect((await problemFrom(await fetch(`${url}/workspaces/ws/runs?stauts=Failed`, as("user")))).detail).toContain('"status"');
  });

  it.each([
    ["not JSON", "{", 400],
    ["a prototype in disguise", '{"__proto__": {"x": 1}}', 400],
    ["a wrong type", '{"note": 1}', 400],
    ["an unknown field", '{"notes": "x"}', 400],
    ["no body where all fields have defaults", "", 200],
    ["a body that is too large", `{"note": "${"x".repeat(33 * 1024 * 1024)}"}`, 413],
  ])("%s", async (_, body, status) => {
    const url = await serve(handlers);
    const response = await fetch(`${url}/tokens`, { method: "POST", body, ...as("user", { "content-type": "text/plain" }) });
    expect(response.status).toBe(status);
    if (status !== 200) await problemFrom(response);
  });

  it("gets problems for unknown paths and what handlers throw", async () => {
    const url = await serve(handlers);
    expect(await problemFrom(await fetch(`${url}/nothing`, as("user")))).toMatchObject({ status: 404, code: "not_found" });
    expect(await problemFrom(await fetch(`${url}/workspaces/ws/runs/child`, as("user")))).toMatchObject({ status: 409, detail: "no" });
    expect(await problemFrom(await fetch(`${url}/workspaces`, { method: "DELETE", ...as("user") }))).toMatchObject({ status: 404 });
  });
});

describe("Idempotency-Key", () => {
  it("answers a repeat with the first result and refuses another request", async () => {
    let made = 0;
    const url = await serve({ createWorkspace: async ({ body }) => ({ name: body.name, workspaceId: String(++made) }) as never });
    const post = (body: object, key: string) =>
      fetch(`${url}/workspaces`, { method: "POST", body: JSON.stringify(body), ...as("user", { "idempotency-key": key }) });
    const [first, second] = await Promise.all([post({ name: "a", existOk: false }, "k"), post({ existOk: false, name: "a" }, "k")]);
    expect(await first?.json()).toEqual(await second?.json());
    expect(await (await post({ name: "a" }, "k")).json()).toMatchObject({ workspaceId: "1" });
    expect(await problemFrom(await post({ name: "b" }, "k"))).toMatchObject({ status: 422, code: "idempotency_mismatch" });
    expect(await (await post({ name: "b" }, "k2")).json()).toMatchObject({ workspaceId: "2" });
    expect(await problemFrom(await post({ name: "b" }, "with space"))).toMatchObject({ status: 400 });
  });

  it("does not keep a failure", async () => {
    let tries = 0;
    const url = await serve({
      createWorkspace: async () => {
        if (++tries === 1) throw new Conflict("busy");
        return { name: "a" } as never;
      },
    });
    const post = () => fetch(`${url}/workspaces`, { method: "POST", body: '{"name":"a"}', ...as("user", { "idempotency-key": "again" }) });
    expect((await post()).status).toBe(409);
    expect((await post()).status).toBe(200);
  });
});

describe("bytes", () => {
  const content = Buffer.from("0123456789");
  const readRunFile: Handlers["readRunFile"] = async () => ({
    size: content.length,
    contentType: "text/plain",
    sha256: "ab",
    async *read({ start, end }) {
      yield content.subarray(start, end);
    },
  });
  const file = "/workspaces/ws/runs/child/files/outputs/a%20b/%E2%82%AC.txt";

  it("come whole, in ranges, or not at all", async () => {
    const url = (await serve({ readRunFile })) + file;
    const whole = await fetch(url, as("user"));
    expect([whole.status, await whole.text(), whole.headers.get("accept-ranges")]).toEqual([200, "0123456789", "bytes"]);
    const part = await fetch(url, as("user", { range: "bytes=2-4" }));
    expect([part.status, await part.text(), part.headers.get("content-range")]).toEqual([206, "234", "bytes 2-4/10"]);
    const beyond = await fetch(url, as("user", { range: "bytes=10-" }));
    expect(beyond.headers.get("content-range")).toBe("bytes */10");
    expect(await problemFrom(beyond)).toMatchObject({ status: 416, code: "range_not_satisfiable" });
    const head = await fetch(url, { method: "HEAD", ...as("user") });
    expect([head.status, head.headers.get("content-length"), await head.text()]).toEqual([200, "10", ""]);
    expect((await fetch(url, as("user", { "if-none-match": '"ab"' }))).status).toBe(304);
    expect((await fetch(url, as("user", { range: "bytes=2-4", "if-range": '"other"' }))).status).toBe(200);
  });

  it("hand over the path as it is meant", async () => {
    let path = "";
    const remembering: Handlers["readRunFile"] = async (call) => {
      path = call.params.path;
      return await readRunFile(call);
    };
    const url = (await serve({ readRunFile: remembering })) + file;
    await (await fetch(url, as("user"))).text();
    expect(path).toBe("outputs/a b/€.txt");
  });

  it("are cut off, not ended, when reading them fails half-way", async () => {
    const broken: Handlers["readRunFile"] = async () => ({
      size: 1_000_000,
      contentType: "text/plain",
      sha256: null,
      async *read() {
        yield Buffer.alloc(500_000);
        throw new Error("disk");
      },
    });
    const url = (await serve({ readRunFile: broken })) + file;
    await expect(fetch(url, as("user")).then((response) => response.arrayBuffer())).rejects.toThrow();
  });

  it("stream in without being held, whatever their content type", async () => {
    let most = 0;
    let size = 0;
    const url = await serve({
      writeRunFile: async ({ body }) => {
        for await (const piece of body) {
          most = Math.max(most, piece.length);
          size += piece.length;
        }
        return {} as never;
      },
    });
    const body = Buffer.alloc(40 * 1024 * 1024, "{");
    const response = await fetch(url + file, { method: "PUT", body, ...as("user", { "content-type": "application/json" }) });
    expect([response.status, size]).toEqual([200, body.length]);
    expect(most).toBeLessThan(1024 * 1024);
  });

  it("may be compressed", async () => {
    let got = "";
    const url = await serve({
      putBlob: async ({ body }) => {
        for await (const piece of body) got += Buffer.from(piece).toString();
      },
    });
    const send = (body: Uint8Array<ArrayBuffer>, encoding: string) =>
      fetch(`${url}/blobs/${"0".repeat(64)}`, { method: "PUT", body, ...as("user", { "content-encoding": encoding }) });
    const packed = Uint8Array.from(gzipSync("tree ".repeat(100_000)));
    expect((await send(packed, "gzip")).status).toBe(204);
    expect(got).toBe("tree ".repeat(100_000));
    for (const broken of [packed.slice(0, 100), Uint8Array.from(Buffer.from("not gzip"))]) {
      expect(await (await send(broken, "gzip")).json()).toMatchObject({ code: "bad_request", status: 400 });
    }
    expect(await (await send(packed, "br")).json()).toMatchObject({ code: "bad_request", details: { field: "Content-Encoding" } });
  });

  it("may be left unread without cutting the sender off", async () => {
    const url = await serve({ putBlob: async () => {} });
    const path = `${url}/blobs/${"0".repeat(64)}`;
    const response = await fetch(path, { method: "PUT", body: Buffer.alloc(5_000_000), ...as("user") });
    expect(response.status).toBe(204);
  });
});

describe("events", () => {
  it("are sent with ids, resume, and end when the token is revoked", async () => {
    let seen: string | null = "";
    const url = await serve(
      {
        streamEvents: async ({ lastEventId, signal }) => {
          seen = lastEventId;
          return endless(signal);
        },
      },
      0.05,
    );
    const response = await fetch(`${url}/workspaces/ws/events`, as("user", { "last-event-id": "41" }));
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    let text = "";
    const readUntil = async (end: string) => {
      while (!text.includes(end)) text += Buffer.from((await reader.read()).value ?? []).toString();
    };
    await readUntil("heartbeat");
    expect(text).toContain('event: run\nid: 42\ndata: {"a":"line\\nbreak"}\n\n');
    expect(seen).toBe("41");
    callers.delete("user");
    await expect(async () => {
      for (;;) if ((await reader.read()).done) return;
    }).rejects.toThrow();
  });

  async function* endless(signal: AbortSignal): AsyncGenerator<ServerEvent> {
    yield { event: "run", id: "42", data: { a: "line\nbreak" } };
    await once(signal, "abort").catch(() => undefined);
  }

  it("wait for a slow client instead of piling up, and stop when it leaves", async () => {
    let sent = 0;
    const left = Promise.withResolvers<void>();
    async function* flood(): AsyncGenerator<ServerEvent> {
      try {
        for (;;) yield { event: "log", id: String(++sent), data: "x".repeat(100_000) };
      } finally {
        left.resolve();
      }
    }
    const url = new URL(await serve({ streamEvents: async () => flood() }));
    const socket = connect(Number(url.port), url.hostname);
    socket.pause(); // reads nothing: the kernel's buffers fill up
    socket.write("GET /api/v1/workspaces/ws/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer user\r\n\r\n");
    let before = -1;
    while (sent === 0 || sent !== before) {
      before = sent;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(sent).toBeLessThan(500);
    socket.destroy();
    await left.promise;
  });
});
