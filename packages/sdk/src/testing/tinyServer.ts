import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}
export type Answering = (request: SeenRequest, response: ServerResponse) => unknown;

/** An HTTP server for tests that answers as it is told and remembers what it was asked. */
export class TinyServer {
  readonly requests: SeenRequest[] = [];
  #answer: Answering;
  #server: Server | undefined;
  #port = 0;

  constructor(answer: Answering) {
    this.#answer = answer;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  answerWith(answer: Answering): void {
    this.#answer = answer;
  }

  /** Listens, after a stop on the same port again. */
  async start(): Promise<this> {
    const server = createServer(async (request, response) => {
      const body = await readBody(request);
      if (body === null) return;
      const seen = { method: request.method ?? "", url: request.url ?? "", headers: request.headers, body };
      this.requests.push(seen);
      await this.#answer(seen, response);
    });
    this.#server = server;
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(this.#port, "127.0.0.1", resolve));
    this.#port = (server.address() as AddressInfo).port;
    return this;
  }

  /** Cuts every connection, as a network does. */
  dropConnections(): void {
    this.#server?.closeAllConnections();
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }
}

/** Null when the client left before the end. */
async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  try {
    return Buffer.concat(await request.toArray());
  } catch {
    return null;
  }
}

export function sendJson(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { "content-type": status < 400 ? "application/json" : "application/problem+json" }).end(JSON.stringify(body));
}

export function sendProblem(response: ServerResponse, status: number, code: string, detail: string): void {
  sendJson(response, { type: `urn:switchyard:error:${code}`, title: code, status, code, detail }, status);
}
