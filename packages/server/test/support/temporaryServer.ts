import { createHash } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeTree, type Problem, type TreeEntry } from "@switchyard/protocol";
import { createServer, type RunningServer, type ServerOptions } from "../../src/index.ts";

/** A server in this process on a home of its own, with what tests ask of it. */
export class TemporaryServer {
  readonly home: string;
  readonly server: RunningServer;

  private constructor(home: string, server: RunningServer) {
    this.home = home;
    this.server = server;
  }

  static async start(options: Partial<ServerOptions> = {}): Promise<TemporaryServer> {
    const home = mkdtempSync(join(tmpdir(), "switchyard-server-"));
    return new TemporaryServer(home, await createServer({ logLevel: "silent", ...options, home }));
  }

  async close(): Promise<void> {
    await this.server.close();
    // jobs that are about to end may still write there; the retries of `rmSync` have no pause between them
    await rm(this.home, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }

  /** Asks below `/api/v1`, as the home's owner unless another token is given. */
  ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const content = body === undefined || body instanceof Uint8Array ? body : JSON.stringify(body);
    return fetch(`${this.server.url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${this.server.token}`, ...headers },
      ...(content !== undefined && { body: content as NonNullable<RequestInit["body"]> }),
    });
  }

  /** The JSON of an answer that has to be a success. */
  async get<T>(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<T> {
    const response = await this.ask(method, path, body, headers);
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (response.status === 204 ? undefined : await response.json()) as T;
  }

  /** The problem of an answer that has to be a failure. */
  async problem(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Problem> {
    const response = await this.ask(method, path, body, headers);
    if (response.ok) throw new Error(`${method} ${path} was to fail, but: ${response.status}`);
    return (await response.json()) as Problem;
  }

  /** Sends files (by name, in one folder) and names the snapshot of them. */
  async snapshotOf(files: Readonly<Record<string, string>>): Promise<string> {
    const entries = Object.entries(files).map(([name, text]): TreeEntry => {
      return { kind: "file", name, mode: 0o644, size: Buffer.byteLength(text), sha256: sha256(text) };
    });
    const root = encodeTree(entries);
    await this.get("POST", "/blobs", frame([...Object.values(files), root]));
    const { snapshotId } = await this.get<{ snapshotId: string }>("POST", "/workspaces/default/snapshots", { root: sha256(root) });
    return snapshotId;
  }
}

export const sha256 = (content: string | Uint8Array): string => createHash("sha256").update(content).digest("hex");

/** The body of `putBlobs`. */
export function frame(contents: readonly (string | Uint8Array)[]): Uint8Array {
  const parts = contents.map((content) => {
    const header = Buffer.alloc(40);
    header.write(sha256(content), "hex");
    header.writeBigUInt64BE(BigInt(Buffer.byteLength(content)), 32);
    return Buffer.concat([header, Buffer.from(content as string)]);
  });
  return Buffer.concat(parts);
}
