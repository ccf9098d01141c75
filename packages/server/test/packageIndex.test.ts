// The index of a server, asked by a real pip: the client of its own version, stand-ins for the vendor's names, all else from above.
import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type PipIndex, startPipIndex } from "@switchyard/compute/testing/docker";
import type { FastifyInstance } from "fastify";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createApp } from "../src/http/app.ts";
import { PackageIndex } from "../src/packageIndex/packageIndex.ts";
import { registerPackageIndex } from "../src/packageIndex/routes.ts";
import { VERSION } from "../src/version.ts";

const CLIENT = fileURLToPath(new URL("../../../python", import.meta.url));
const run = promisify(execFile);

let above: PipIndex;
let app: FastifyInstance;
let url: string;
let folder: string;
beforeAll(async () => {
  above = await startPipIndex({
    "azureml-core": "99.0",
    switchyard: "99.0",
    "needs-core": { version: "1.0", requires: ["azureml-core~=1.37.0"] },
  });
  app = createApp(pino({ level: "silent" }), { answered() {} });
  registerPackageIndex(app, new PackageIndex(CLIENT, VERSION), above.url);
  await app.listen({ host: "127.0.0.1", port: 0 });
  url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/pip`;
  folder = mkdtempSync(join(tmpdir(), "switchyard-pip-"));
  execFileSync("python3", ["-m", "venv", folder]);
});
afterAll(async () => {
  await app.close();
  await above.close();
  rmSync(folder, { recursive: true, force: true });
});

const environment = { ...process.env, PIP_CONFIG_FILE: "/dev/null", PIP_FIND_LINKS: "", PIP_NO_CACHE_DIR: "1", PIP_INDEX_URL: "" };
const python = (...words: string[]) => run(join(folder, "bin/python"), words, { env: environment });

describe("the server's package index", () => {
  it("serves the client and stand-ins in any version to pip, which finds the rest above, and nothing of ours there", async () => {
    const { stdout } = await python(
      "-m",
      "pip",
      "install",
      "--index-url",
      `${url}/simple/`,
      "azureml-sdk[notebooks]==1.0.85",
      "needs-core",
    );
    for (const each of [`switchyard-${VERSION}`, "azureml-sdk-1.0.85+switchyard", "azureml-core-1.37.3+switchyard", "needs-core-1.0"])
      expect(stdout).toContain(each);
    expect(above.asked.filter((path) => /azureml|switchyard/.test(path))).toEqual([]);
    const { stdout: said } = await python("-c", "import azureml.core, sys; print(azureml.core.VERSION, azureml.core.__file__)");
    expect(said).toContain(`${VERSION} ${folder}`);
    await python("-m", "pip", "check");
  });

  it("offers the same bytes each time, with their hashes, as HTML and as JSON", async () => {
    const html = await (await fetch(`${url}/simple/switchyard/`)).text();
    const [, file = "", hash] = /href="\/pip\/files\/([^"#]+)#sha256=([0-9a-f]{64})"/.exec(html) ?? [];
    expect(file).toBe(`switchyard-${VERSION}-py3-none-any.whl`);
    const again = await new PackageIndex(CLIENT, VERSION).files("switchyard");
    expect(again).toEqual([expect.objectContaining({ file, sha256: hash })]);
    const accept = "application/vnd.pypi.simple.v1+json, text/html; q=0.1";
    const json = await (await fetch(`${url}/simple/azureml-core/`, { headers: { accept } })).json();
    expect(json).toMatchObject({ meta: { "api-version": "1.1" }, name: "azureml-core" });
    const named = (json as { files: { filename: string; hashes: { sha256: string } }[] }).files.find(({ filename }) =>
      filename.includes("-1.37.0+"),
    );
    const requirement = `azureml-core==1.37.0+switchyard --hash=sha256:${named?.hashes.sha256}`;
    const client = `switchyard==${VERSION} --hash=sha256:${hash}`;
    const list = join(folder, "hashes.txt");
    writeFileSync(list, `${requirement}\n${client}\n`);
    await python("-m", "pip", "install", "--force-reinstall", "--require-hashes", "--index-url", `${url}/simple/`, "-r", list);
  });

  it.each([
    ["simple/azureml-never-heard-of/", 200],
    ["simple/AzureML_Core/", 301],
    ["simple/azureml-core", 301],
    ["simple/..%2f..%2fetc/", 404],
    ["simple/numpy/", 302],
    ["files/nothing-1.0-py3-none-any.whl", 404],
    ["files/azureml_core-..%2f1+switchyard-py3-none-any.whl", 404],
  ])("answers %s with %i", async (path, status) => {
    expect((await fetch(`${url}/${path}`, { redirect: "manual" })).status).toBe(status);
  });

  it("knows nothing of others when there is no index above", async () => {
    const alone = createApp(pino({ level: "silent" }), { answered() {} });
    registerPackageIndex(alone, new PackageIndex(CLIENT, VERSION), null);
    const refused = await alone.inject("/pip/simple/numpy/");
    expect(refused.statusCode).toBe(404);
    expect(refused.json().detail).toContain("packageIndex");
    expect((await alone.inject("/pip/simple/azureml-core/")).statusCode).toBe(200);
    expect((await alone.inject("/pip/simple/")).body).toContain('href="/pip/simple/azureml-core/"');
    await alone.close();
  });
});
