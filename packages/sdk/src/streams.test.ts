import type { ServerResponse } from "node:http";
import { RemoteError, ServerUnreachable } from "@switchyard/protocol/errors";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type LogStreamEvent, SwitchyardClient } from "./index.ts";
import { sendProblem, TinyServer } from "./testing/tinyServer.ts";

const params = { workspace: "default", runId: "run_1" };

describe("streams", () => {
  let server: TinyServer;
  let client: SwitchyardClient;
  beforeEach(async () => {
    server = await new TinyServer(() => {}).start();
    client = new SwitchyardClient({ url: server.url, retry: { forSeconds: 20, firstDelayMs: 5 } });
  });
  afterEach(() => server.stop());

  it("reads logs to the end", async () => {
    server.answerWith((_, response) => {
      begin(response).write(`: hello\n\n${event("status", { status: "Running" })}`);
      response.write(event("log", { file: "f", attempt: 1, offset: 0, text: "one\n" }, "f:4"));
      response.end(event("end", { status: "Completed" }));
    });
    expect(await collect(client.logs({ params, query: { file: "f" } }))).toEqual([
      { kind: "status", status: "Running" },
      { kind: "log", id: "f:4", file: "f", attempt: 1, offset: 0, text: "one\n" },
      { kind: "end", status: "Completed" },
    ]);
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]!.url).toBe("/api/v1/workspaces/default/runs/run_1/logs/stream?file=f");
    expect(server.requests[0]!.headers.accept).toBe("text/event-stream");
  });

  it("goes on after the last event it took when the connection breaks or the server says goodbye", async () => {
    server.answerWith((_, response) => {
      const nth = server.requests.length;
      if (nth === 4) return void begin(response).end(event("end", { status: "Completed" }));
      begin(response).write(event("log", log(`${nth}`), `id${nth}`));
      if (nth === 1) response.write(`event: log\nid: torn\ndata: {"fi`, () => response.socket?.destroy());
      else response.end();
    });
    expect(texts(await collect(client.logs({ params })))).toEqual(["1", "2", "3"]);
    expect(server.requests.map((request) => request.headers["last-event-id"])).toEqual([undefined, "id1", "id2", "id3"]);
  });

  it("waits for a server that restarts", async () => {
    server.answerWith((_, response) => void begin(response).write(event("log", log("before"), "1")));
    const seen: string[] = [];
    const reading = (async () => {
      for await (const event of client.logs({ params })) {
        if (event.kind !== "log") continue;
        seen.push(event.text);
        if (event.text !== "before") continue;
        await server.stop();
        server.answerWith((_, response) => void begin(response).end(event_("after")));
        setImmediate(() => void server.start());
      }
    })();
    await reading;
    expect(seen).toEqual(["before", "after"]);
  });

  it("puts together characters and lines that arrive in pieces", async () => {
    const bytes = Buffer.from(event("log", log("zwölf 文件 🚂")) + event("end", { status: "Failed" }));
    server.answerWith(async (_, response) => {
      begin(response);
      for (const byte of bytes) await new Promise((resolve) => response.write(Buffer.of(byte), resolve));
      response.end();
    });
    expect(texts(await collect(client.logs({ params })))).toEqual(["zwölf 文件 🚂"]);
  });

  it("throws what the server refuses, without trying for ever", async () => {
    server.answerWith((_, response) => sendProblem(response, 401, "unauthenticated", "The token is revoked."));
    await expect(collect(client.logs({ params }))).rejects.toThrow(RemoteError);
    expect(server.requests).toHaveLength(1);
  });

  it("throws when there is no server in the first place", async () => {
    await server.stop();
    const hasty = new SwitchyardClient({ url: server.url, retry: { forSeconds: 0 } });
    await expect(collect(hasty.logs({ params }))).rejects.toThrow(ServerUnreachable);
  });

  it("throws when what comes is not a Switchyard stream", async () => {
    server.answerWith((_, response) => void begin(response).end("event: log\ndata: not JSON\n\n"));
    await expect(collect(client.logs({ params }))).rejects.toThrow(/not a Switchyard server's/);
  });

  it("ends quietly when it is aborted, and closes the connection when the reader leaves", async () => {
    const left = Promise.withResolvers<void>();
    server.answerWith((_, response) => {
      begin(response).write(event("log", log("x"), "1"));
      response.once("close", left.resolve);
    });
    const stop = new AbortController();
    const seen: string[] = [];
    for await (const event of client.logs({ params, signal: stop.signal })) {
      seen.push(event.kind);
      stop.abort();
    }
    expect(seen).toEqual(["log"]);
    for await (const _ of client.logs({ params })) break;
    await left.promise;
  });

  it("reads changes of a workspace, says when it is connected and when it missed some", async () => {
    const change = { kind: "files", id: "8", runId: "run_1", names: ["a"] };
    server.answerWith((_, response) => {
      begin(response).write(event("open", {}, "7"));
      if (server.requests.length === 1) return void response.end();
      response.write(event("missed", { because: "long ago" }, "7"));
      response.write(event("somethingNew", {}, "7"));
      response.write(event("files", change, "8"));
    });
    let opened = 0;
    const seen = [];
    for await (const event of client.events({ params: { workspace: "default" }, query: { run: "run_1" }, onOpen: () => opened++ })) {
      seen.push(event);
      if (event.kind === "files") break;
    }
    expect(seen).toEqual([{ kind: "missed", id: "7", because: "long ago" }, change]);
    expect(opened).toBe(2);
    expect(server.requests[1]!.headers["last-event-id"]).toBe("7");
    expect(server.requests[0]!.url).toBe("/api/v1/workspaces/default/events?run=run_1");
  });
});

const log = (text: string) => ({ file: "f", attempt: 1, offset: 0, text });
const event_ = (text: string) => event("log", log(text), "2") + event("end", { status: "Completed" });
const texts = (events: LogStreamEvent[]) => events.flatMap((event) => (event.kind === "log" ? [event.text] : []));

function begin(response: ServerResponse): ServerResponse {
  return response.writeHead(200, { "content-type": "text/event-stream" });
}

function event(name: string, data: unknown, id?: string): string {
  return `event: ${name}\n${id === undefined ? "" : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
