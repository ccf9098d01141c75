import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { sendOverHttp } from "./sendOverHttp.ts";

describe("sendOverHttp", () => {
  let server: Server;
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const send = async (listener: RequestListener, body: AsyncIterable<Uint8Array>, signal: AbortSignal | null = null) => {
    server = createServer(listener).listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x`;
    return sendOverHttp(url, { method: "PUT", headers: new Headers({ "x-kind": "test" }), signal, body });
  };

  /** Fills one buffer again and again, as a sender of files does. */
  async function* oneBuffer(pieces: number): AsyncGenerator<Uint8Array> {
    const buffer = Buffer.alloc(300_000);
    for (let i = 0; i < pieces; i++) yield buffer.fill(i);
  }

  it("sends every piece as it was when it was handed over, to a reader that is slow", async () => {
    const expected = Buffer.concat(Array.from({ length: 20 }, (_, i) => Buffer.alloc(300_000, i)));
    const response = await send(async (request, answer) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) {
        chunks.push(chunk);
        await new Promise((resolve) => setImmediate(resolve));
      }
      answer.end(`${request.headers["x-kind"]} ${Buffer.concat(chunks).equals(expected)}`);
    }, oneBuffer(20));
    expect(await response.text()).toBe("test true");
    expect(response.url).toBe(`http://127.0.0.1:${(server.address() as AddressInfo).port}/x`);
  });

  it("takes an answer without a body", async () => {
    const response = await send((request, answer) => void request.resume().on("end", () => answer.writeHead(204).end()), oneBuffer(1));
    expect([response.status, await response.text()]).toEqual([204, ""]);
  });

  it("takes an answer that comes before the end of the body, and reads no further", async () => {
    let closed = false;
    async function* endless() {
      try {
        for (;;) yield* oneBuffer(10);
      } finally {
        closed = true;
      }
    }
    const response = await send((_, answer) => void answer.writeHead(413).end("too much"), endless());
    expect([response.status, await response.text()]).toEqual([413, "too much"]);
    await expect.poll(() => closed, { timeout: 20_000 }).toBe(true);
  });

  it("throws the error of the body's source", async () => {
    async function* broken() {
      yield* oneBuffer(2);
      throw new RangeError("file changed");
    }
    await expect(send((request) => void request.resume(), broken())).rejects.toThrow(new RangeError("file changed"));
  });

  it("says as fetch does that no answer came", async () => {
    const cut = await send((request) => void request.socket.destroy(), oneBuffer(100)).catch((error) => error);
    expect(cut).toBeInstanceOf(TypeError);
    expect(cut.cause).toMatchObject({ code: expect.stringMatching(/ECONNRESET|EPIPE/) });
  });

  it("stops when it is told to", async () => {
    const stop = new AbortController();
    await expect(send(() => stop.abort(), oneBuffer(100), stop.signal)).rejects.toThrow();
    expect(stop.signal.aborted).toBe(true);
  });
});
