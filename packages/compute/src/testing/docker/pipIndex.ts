import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A Python index on this machine's loopback. */
export interface PipIndex {
  /** for pip: PIP_INDEX_URL */
  readonly url: string;
  /** paths that were asked for */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

const MAKE_WHEEL = `
import sys, zipfile
folder, name, version = sys.argv[1:]
info = "%s-%s.dist-info" % (name, version)
with zipfile.ZipFile("%s/%s-%s-py3-none-any.whl" % (folder, name, version), "w") as wheel:
    wheel.writestr(name + ".py", "VERSION = %r\\n" % version)
    wheel.writestr(info + "/METADATA", "Metadata-Version: 2.1\\nName: %s\\nVersion: %s\\n" % (name, version))
    wheel.writestr(info + "/WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr(info + "/RECORD", "")
`;

/** Serves packages, each a module of the same name with its VERSION: `{ greeting: "1.0" }`. */
export async function startPipIndex(packages: Readonly<Record<string, string>>): Promise<PipIndex> {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-index-"));
  for (const [name, version] of Object.entries(packages)) execFileSync("python3", ["-c", MAKE_WHEEL, folder, name, version]);
  const wheels = readdirSync(folder);
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? "/");
    asked.push(path);
    const file = wheels.find((wheel) => path === `/files/${wheel}`);
    const [, name] = /^\/simple\/([^/]+)\/$/.exec(path) ?? [];
    const links = wheels.filter((wheel) => wheel.startsWith(`${name}-`)).map((wheel) => `<a href="/files/${wheel}">${wheel}</a>`);
    if (file === undefined && links.length === 0) return response.writeHead(404).end();
    return file === undefined
      ? response.writeHead(200, { "content-type": "text/html" }).end(links.join("\n"))
      : response.end(readFileSync(join(folder, file)));
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
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
