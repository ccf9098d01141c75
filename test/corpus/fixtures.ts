import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import { makeWheel } from "@switchyard/protocol";
import { testPython } from "../support/testPython.ts";

const HERE = import.meta.dirname;

/** A Python with today's packages of the tests and the names that files of the time import; what runs of the corpus use. */
export interface CorpusPython {
  readonly python: string;
  readonly bin: string;
  /** the file that makes any virtual environment of the same Python one with these packages */
  readonly site: string;
  /** a folder with the stand-in for micromamba */
  readonly tools: string;
}

export function makeCorpusPython(folder: string): CorpusPython {
  const packages = execFileSync(testPython(), ["-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])"], {
    encoding: "utf8",
  }).trim();
  const [, minor] = /python(3\.\d+)/.exec(packages) ?? [];
  // other accounts, such as that of the SSH host, may use this one too
  const base = [`/usr/bin/python${minor}`].find((path) => existsSync(path)) ?? testPython();
  const venv = join(folder, "python");
  execFileSync(base, ["-m", "venv", venv]);
  const site = join(folder, "corpus.pth");
  writeFileSync(site, `${packages}\n${join(HERE, "site")}\nimport corpus_shims\n`);
  copyFileSync(site, join(venv, "lib", `python${minor}`, "site-packages", "corpus.pth"));
  const tools = join(folder, "tools");
  mkdirSync(tools);
  copyFileSync(join(HERE, "micromamba"), join(tools, "micromamba"));
  return { python: join(venv, "bin/python"), bin: join(venv, "bin"), site, tools };
}

/** Old pins that rows ask for; the modules themselves are those of the corpus Python. */
const PINNED: Readonly<Record<string, readonly string[]>> = {
  joblib: ["0.13.2"],
  "nteract-scrapbook": ["0.4.1"],
  pillow: ["5.4.1"],
  "scikit-learn": ["0.20.3"],
};

/** Packages that rows use and that need the network, or a model that does: a module of a few lines each, in `wheels/`. */
const STAND_INS = ["nltk", "onnxruntime"] as const;

/** An index of small wheels: empty ones for versions that rows pin, whose modules are in the corpus Python, and stand-ins. */
export async function startMirror(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const wheels = Object.entries(PINNED).flatMap(([name, versions]) =>
    versions.map((version) => makeWheel({ name, version, summary: "empty" })),
  );
  for (const name of STAND_INS) {
    const content = readFileSync(join(HERE, "wheels", `${name}.py`));
    wheels.push(makeWheel({ name, version: "1.0", summary: "stands in" }, [[`${name}.py`, content]]));
  }
  const server = createServer((request, response) => {
    const path = request.url ?? "/";
    const wheel = wheels.find(({ file }) => path === `/files/${file}`);
    if (wheel !== undefined) return response.end(Buffer.from(wheel.bytes));
    const [, name = ""] = /^\/simple\/([^/]+)\/$/.exec(path) ?? [];
    const links = wheels.filter(({ file }) => file.startsWith(`${name.replaceAll("-", "_")}-`));
    if (links.length === 0) return response.writeHead(404).end();
    return response
      .writeHead(200, { "content-type": "text/html" })
      .end(links.map(({ file }) => `<a href="/files/${file}">${file}</a>`).join("\n"));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/simple`,
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

/** Takes the folder of a row's file out of the repository's history; nothing of it is changed. */
export function checkOut(repository: string, commit: string, path: string, to: string): string {
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  const folder = path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
  const archive = join(to, "..", `${commit.slice(0, 12)}.tar`);
  const words = ["archive", "--output", archive, commit, ...(folder === "" ? [path] : [folder])];
  execFileSync("git", ["-C", repository, ...words], { stdio: ["ignore", "ignore", "pipe"] });
  execFileSync("tar", ["-xf", archive, "-C", to]);
  rmSync(archive);
  return resolve(to, path);
}
