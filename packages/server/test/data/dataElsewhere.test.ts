// Data on the web, in containers of Azure Blob storage and in folders that stand in for them.
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer as createHttp, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sha256, TemporaryServer } from "../support/temporaryServer.ts";
import { useDataLab, WS } from "./dataLab.ts";

const lab = useDataLab();
const { listed, save, submit, ended, logOf } = lab;

describe("data elsewhere", () => {
  let stand: Server;
  let url: string;
  const requests: string[] = [];
  const pages: Record<string, { body: string; etag?: string; status?: number; location?: string; cut?: boolean }> = {};
  beforeEach(async () => {
    requests.length = 0;
    for (const key of Object.keys(pages)) delete pages[key];
    stand = createHttp((request, response) => {
      requests.push(`${request.method} ${request.url}`);
      const page = pages[decodeURIComponent(request.url ?? "")];
      if (page === undefined) return void response.writeHead(404).end("<Error><Code>ResourceNotFound</Code></Error>");
      if (page.location) return void response.writeHead(302, { location: page.location }).end();
      const length = Buffer.byteLength(page.body) + (page.cut ? 5 : 0);
      response.writeHead(page.status ?? 200, { "content-length": length, ...(page.etag && { etag: page.etag }) });
      if (request.method === "HEAD") return void response.end();
      response.write(page.body);
      if (page.cut) response.destroy();
      else response.end();
    });
    await new Promise<void>((resolve) => stand.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(stand.address() as AddressInfo).port}`;
  });
  afterEach(() => new Promise((resolve) => stand.close(resolve)));
  const restart = async (settings: object) => {
    await lab.server.close();
    lab.server = await TemporaryServer.start(settings);
  };
  const web = (...urls: string[]) => ({ kind: "file", sources: urls.map((each) => ({ url: each })) });
  const fetched = async (definition: object) => {
    const { datasetId } = await save(definition);
    return await lab.server.get<{ path: string; sha256: string }[]>("GET", `${WS}/datasets/${datasetId}/files?fetch=true`);
  };
  const notFetched = async (definition: object) => {
    const { datasetId } = await save(definition);
    return await lab.server.problem("GET", `${WS}/datasets/${datasetId}/files?fetch=true`);
  };

  it("on the web is fetched once while it stays the same, and follows the operator's mirrors", async () => {
    await restart({ dataMirrors: { "https://data.example/": `${url}/` } });
    pages["/set/a.csv"] = { body: "a,b", etag: '"1"' };
    const dataset = web("https://data.example/set/a.csv");
    expect(await fetched(dataset)).toMatchObject([{ path: "a.csv", sha256: sha256("a,b") }]);
    await fetched(dataset);
    expect(requests.filter((request) => request.startsWith("GET"))).toEqual(["GET /set/a.csv"]);
    pages["/set/a.csv"] = { body: "new", etag: '"2"' };
    expect(await fetched(dataset)).toMatchObject([{ sha256: sha256("new") }]);
    const run = await submit("cat $x", { data: { x: { dataLocation: { uri: "https://data.example/set/a.csv" }, mechanism: "Mount" } } });
    expect((await ended(run.runId)).status).toBe("Completed");
    expect(await logOf(run.runId)).toBe("new");
  });

  it("is refused where it is this machine's own, is not there, breaks off or is too large", async () => {
    expect(await notFetched(web(`${url}/x`))).toMatchObject({ code: "forbidden", detail: expect.stringContaining("dataMirrors") });
    expect(await notFetched(web("http://[::1]:1/x"))).toMatchObject({ code: "forbidden" });
    expect(await notFetched(web("http://localhost:1/x"))).toMatchObject({ code: "forbidden" });
    await restart({ dataMirrors: { "https://data.example/": `${url}/` }, fetchLimitBytes: 100 });
    expect(await notFetched(web("https://data.example/none"))).toMatchObject({ code: "not_found" });
    pages["/big"] = { body: "x".repeat(101) };
    expect(await notFetched(web("https://data.example/big"))).toMatchObject({ code: "too_large" });
    pages["/cut"] = { body: "half", cut: true };
    expect(await notFetched(web("https://data.example/cut"))).toMatchObject({ code: "conflict" });
    pages["/round"] = { body: "", location: "/round" };
    expect(await notFetched(web("https://data.example/round"))).toMatchObject({ code: "bad_request" });
  });

  it("in a container of Azure Blob storage is listed and read, without a key and with one", async () => {
    const listing = (names: string[], next = "") =>
      `<?xml version="1.0"?><EnumerationResults><Blobs>${names.map((name) => `<Blob><Name>${name}</Name><Properties><Etag>0x1</Etag><Content-Length>1</Content-Length></Properties></Blob>`).join("")}</Blobs><NextMarker>${next}</NextMarker></EnumerationResults>`;
    const account = "https://acc.blob.core.windows.net/";
    await restart({ dataMirrors: { [`${account}con/`]: `${url}/acc/con/` } });
    const settings = { accountName: "acc", containerName: "con" };
    await lab.server.get("POST", `${WS}/datastores`, { name: "azure", kind: "azureBlob", settings });
    pages["/acc/con?restype=container&comp=list&prefix=d/"] = { body: listing(["d/a&amp;b.txt"], "more") };
    pages["/acc/con?restype=container&comp=list&prefix=d/&marker=more"] = { body: listing(["d/c.txt"]) };
    pages["/acc/con/d/a&b.txt"] = { body: "A" };
    pages["/acc/con/d/c.txt"] = { body: "C" };
    expect(await listed("?prefix=d/", `${WS}/datastores/azure`)).toEqual(["d/a&b.txt", "d/c.txt"]);
    expect(await fetched({ kind: "file", sources: [{ datastore: "azure", path: "d" }] })).toMatchObject([
      { path: "a&b.txt", sha256: sha256("A") },
      { path: "c.txt", sha256: sha256("C") },
    ]);
    expect(await lab.server.get("GET", `${WS}/datastores/azure`)).toMatchObject({ readable: true, writable: false });
  });

  it("may stand in a folder of the operator's, for an account and for the web", async () => {
    mkdirSync(join(lab.folder, "con"), { recursive: true });
    writeFileSync(join(lab.folder, "con/iris.csv"), "iris");
    await restart({ dataMirrors: { "https://acc.blob.core.windows.net/": `folder:${lab.folder}/` } });
    await lab.server.get("POST", `${WS}/datastores`, {
      name: "p",
      kind: "azureBlob",
      settings: { accountName: "acc", containerName: "con" },
    });
    expect(await listed("", `${WS}/datastores/p`)).toEqual(["iris.csv"]);
    expect(await fetched({ kind: "file", sources: [{ datastore: "p", path: "iris.csv" }] })).toMatchObject([{ sha256: sha256("iris") }]);
    expect(await fetched(web("https://acc.blob.core.windows.net/con/iris.csv"))).toMatchObject([
      { path: "iris.csv", sha256: sha256("iris") },
    ]);
  });
});
