// A client of MLflow's REST API that costs little itself, so that what is measured is the server.
import { Agent, request } from "node:http";
import type { Running } from "./contenders.ts";

/** Asks one operation below `/api/2.0/mlflow/`, with a body by POST, else by GET. Throws for any answer but success. */
export type Ask = (path: string, body?: object) => Promise<Record<string, unknown>>;

/** One client: it keeps its connection and asks one thing at a time on it. */
export function client({ url, token }: Pick<Running, "url" | "token">): Ask {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const headers = { "content-type": "application/json", ...(token !== null && { authorization: `Bearer ${token}` }) };
  const send = (path: string, body: object | undefined) =>
    new Promise<{ status: number; text: string }>((resolve, reject) => {
      const content = body === undefined ? undefined : JSON.stringify(body);
      const length = content === undefined ? {} : { "content-length": Buffer.byteLength(content) };
      const method = body === undefined ? "GET" : "POST";
      const sent = request(`${url}/api/2.0/mlflow/${path}`, { agent, method, headers: { ...headers, ...length } }, (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString() }));
        response.on("error", reject);
      });
      sent.on("error", reject);
      sent.end(content);
    });
  return async (path, body) => {
    // a server may close a connection that was idle for some seconds; then the request goes on a new one
    const { status, text } = await send(path, body).catch(() => send(path, body));
    if (status >= 300) throw new Error(`${path}: ${status} ${text.slice(0, 500)}`);
    return text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
  };
}
