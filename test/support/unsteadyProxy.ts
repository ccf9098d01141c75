import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** How a request goes wrong: the server fails, nobody answers, or the answer breaks off in the middle. */
export type Mishap = "fails" | "resets" | "breaks off";

/** A way to an HTTP server on which `mishap` decides of each request, by its number from 0 and its path, whether it goes wrong. */
export class UnsteadyProxy {
  readonly #server: Server;
  readonly #target: string;
  readonly #mishap: (number: number, path: string) => Mishap | null;
  /** how often each went wrong */
  readonly happened: Record<Mishap, number> = { fails: 0, resets: 0, "breaks off": 0 };
  #asked = 0;

  constructor(target: string, mishap: (number: number, path: string) => Mishap | null) {
    this.#target = target;
    this.#mishap = mishap;
    this.#server = createServer((question, answer) => this.#pass(question, answer));
  }

  /** The address to ask at. */
  async start(): Promise<string> {
    await new Promise<void>((ready) => this.#server.listen(0, "127.0.0.1", ready));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  #pass(question: IncomingMessage, answer: ServerResponse): void {
    const mishap = this.#mishap(this.#asked++, question.url ?? "");
    if (mishap !== null) this.happened[mishap]++;
    if (mishap === "resets") return void question.socket.resetAndDestroy();
    if (mishap === "fails") return void answer.writeHead(500).end("<html>Internal Server Error</html>");
    const { method, headers } = question;
    const far = request(this.#target + question.url, { method, headers: { ...headers, connection: "close" } }, (said) => {
      answer.writeHead(said.statusCode!, said.headers);
      if (mishap !== "breaks off") return void said.pipe(answer);
      said.once("end", () => question.socket.resetAndDestroy()); // also when there is nothing to break
      said.once("data", (bytes: Buffer) => answer.write(bytes.subarray(0, bytes.length / 2), () => question.socket.resetAndDestroy()));
    });
    far.on("error", () => question.socket.destroy());
    question.pipe(far);
  }
}
