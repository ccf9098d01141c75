import { createHash, randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import { gunzipSync } from "node:zlib";
import { type SeenRequest, sendJson, sendProblem, TinyServer } from "./tinyServer.ts";

const HEADER_BYTES = 40;

/** As much of a server as an upload needs: it keeps blobs in memory, checks them, and names snapshots that are whole. */
export class BlobServer {
  readonly blobs = new Map<string, Buffer>();
  readonly http = new TinyServer((request, response) => this.#answer(request, response));
  /** called before a request is answered; a test changes files or the server's mind here */
  before: (request: SeenRequest) => void = () => {};

  /** The blobs of all folders and files below a tree, as text where the name ends with `.txt`. */
  contentOf(root: string, path = ""): Record<string, string> {
    const content: Record<string, string> = {};
    for (const entry of JSON.parse(this.blobs.get(root)!.toString()).entries) {
      if (entry.kind === "folder") Object.assign(content, this.contentOf(entry.sha256, `${path}${entry.name}/`));
      else content[path + entry.name] = entry.kind === "link" ? `-> ${entry.target}` : this.blobs.get(entry.sha256)!.toString();
    }
    return content;
  }

  /** How many bytes of requests have arrived since this was last asked. */
  bytesReceived(): number {
    return this.http.requests.splice(0).reduce((sum, request) => sum + request.body.length, 0);
  }

  #answer(request: SeenRequest, response: ServerResponse): void {
    this.before(request);
    const path = request.url.replace("/api/v1", "");
    if (path === "/blobs/missing") {
      const asked: string[] = JSON.parse(bodyOf(request).toString()).sha256;
      sendJson(response, { missing: asked.filter((sha256) => !this.blobs.has(sha256)) });
    } else if (path === "/blobs") this.#take(framed(bodyOf(request)), response);
    else if (path.startsWith("/blobs/")) this.#take([[path.slice("/blobs/".length), bodyOf(request)]], response);
    else if (path.endsWith("/snapshots")) this.#name(JSON.parse(request.body.toString()).root, response);
    else sendProblem(response, 404, "not_found", path);
  }

  #take(blobs: [string, Buffer][], response: ServerResponse): void {
    const damaged = blobs.find(([sha256, bytes]) => createHash("sha256").update(bytes).digest("hex") !== sha256);
    if (damaged !== undefined) {
      sendProblem(response, 422, "checksum_mismatch", damaged[0]);
      return;
    }
    for (const [sha256, bytes] of blobs) this.blobs.set(sha256, bytes);
    sendJson(response, { stored: blobs.length });
  }

  #name(root: string, response: ServerResponse): void {
    if (this.#isWhole(root))
      sendJson(response, { snapshotId: randomUUID(), root, files: 0, bytes: 0, createdUtc: new Date().toISOString() });
    else sendProblem(response, 409, "snapshot_incomplete", root);
  }

  #isWhole(sha256: string): boolean {
    const tree = this.blobs.get(sha256);
    if (tree === undefined) return false;
    return JSON.parse(tree.toString()).entries.every((entry: { kind: string; sha256: string }) =>
      entry.kind === "folder" ? this.#isWhole(entry.sha256) : entry.kind === "link" || this.blobs.has(entry.sha256),
    );
  }
}

function bodyOf({ headers, body }: SeenRequest): Buffer {
  return headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;
}

function framed(body: Buffer): [string, Buffer][] {
  const blobs: [string, Buffer][] = [];
  for (let at = 0; at < body.length; ) {
    const size = Number(body.readBigUInt64BE(at + 32));
    blobs.push([body.toString("hex", at, at + 32), body.subarray(at + HEADER_BYTES, at + HEADER_BYTES + size)]);
    at += HEADER_BYTES + size;
  }
  return blobs;
}
