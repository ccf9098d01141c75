import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { makeWheel } from "@switchyard/protocol";

/** A Python index on this machine's loopback. */
export interface PipIndex {
  /** for pip: PIP_INDEX_URL */
  readonly url: string;
  /** paths that were asked for */
  readonly asked: readonly string[];
  sha256Of(name: string): string;
  close(): Promise<void>;
}

/** A package of a test's index: a module of the same name with its VERSION. */
export type TestPackage = string | { readonly version: string; readonly requires: readonly string[] };

/** Serves packages: `{ greeting: "1.0", "needs-it": { version: "2.0", requires: ["greeting>=1"] } }`. */
export async function startPipIndex(packages: Readonly<Record<string, TestPackage>>): Promise<PipIndex> {
  const files = new Map(Object.entries(packages).map(([name, about]) => wheelOf(name, about)));
  const wheels = [...files.keys()];
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? "/");
    asked.push(path);
    const file = wheels.find((wheel) => path === `/files/${wheel}`);
    const [, name] = /^\/simple\/([^/]+)\/$/.exec(path) ?? [];
    const links = wheels
      .filter((wheel) => wheel.startsWith(`${moduleOf(name ?? "")}-`))
      .map((wheel) => `<a href="/files/${wheel}">${wheel}</a>`);
    if (file === undefined && links.length === 0) return response.writeHead(404).end();
    return file === undefined
      ? response.writeHead(200, { "content-type": "text/html" }).end(links.join("\n"))
      : response.end(files.get(file));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/simple`,
    asked,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
    sha256Of: (name) => sha256(files.get(wheels.find((wheel) => wheel.startsWith(`${moduleOf(name)}-`)) ?? "") ?? new Uint8Array()),
  };
}

const moduleOf = (name: string) => name.replace(/[-_.]+/g, "_");
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

function wheelOf(name: string, about: TestPackage): [string, Uint8Array] {
  const { version, requires } = typeof about === "string" ? { version: about, requires: [] } : about;
  const module = new TextEncoder().encode(`VERSION = ${JSON.stringify(version)}\n`);
  const { file, bytes } = makeWheel({ name, version, summary: "a package of the tests", requires }, [[`${moduleOf(name)}.py`, module]]);
  return [file, bytes];
}
