import { appendFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Conflict, RemoteError } from "@switchyard/protocol/errors";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SwitchyardClient } from "../../client.ts";
import { BlobServer } from "../../testing/blobServer.ts";
import type { UploadProgress } from "./progress.ts";
import { scanFolder } from "./scanFolder.ts";
import { uploadSnapshot } from "./uploadSnapshot.ts";

describe("uploadSnapshot", () => {
  let place: string;
  let folder: string;
  let home: string;
  let server: BlobServer;
  let client: SwitchyardClient;
  beforeEach(async () => {
    place = mkdtempSync(join(tmpdir(), "upload-"));
    [folder, home] = [join(place, "project"), join(place, "home")];
    mkdirSync(folder);
    server = new BlobServer();
    await server.http.start();
    client = new SwitchyardClient({ url: server.http.url });
  });
  afterEach(async () => {
    await server.http.stop();
    rmSync(place, { recursive: true, force: true });
  });

  const write = (path: string, text = path) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const scan = (options = {}) => scanFolder(folder, { home, ...options });
  const upload = async (options = {}) => uploadSnapshot(client, "default", await scan(), options);
  const bodies = () => server.http.requests.filter((request) => request.url === "/api/v1/blobs" || request.method === "PUT").length;

  it("brings all of a folder to the server", async () => {
    write("train.py", "print(1)");
    write("data/big.bin", "b".repeat(1_500_000));
    write("data/copy.bin", "b".repeat(1_500_000));
    write("empty");
    symlinkSync("train.py", join(folder, "link"));
    const snapshot = await upload();
    expect(server.contentOf(snapshot.root)).toEqual({
      "train.py": "print(1)",
      "data/big.bin": "b".repeat(1_500_000),
      "data/copy.bin": "b".repeat(1_500_000),
      empty: "empty",
      link: "-> train.py",
    });
    expect(server.http.requests.filter((request) => request.method === "PUT")).toHaveLength(1);
  });

  it("asks nothing and sends nothing when nothing changed", async () => {
    write("a/b/c.txt");
    const first = await upload();
    server.bytesReceived();
    const second = await upload();
    expect(second.root).toBe(first.root);
    expect(second.snapshotId).not.toBe(first.snapshotId);
    expect(server.http.requests.map((request) => request.url)).toEqual(["/api/v1/workspaces/default/snapshots"]);
  });

  it("asks one question when it remembers nothing and the server has it all", async () => {
    write("a/b/c.txt");
    await upload();
    server.bytesReceived();
    await uploadSnapshot(client, "default", await scan({ home: null }));
    expect(server.http.requests.map((request) => request.url)).toEqual(["/api/v1/blobs/missing", "/api/v1/workspaces/default/snapshots"]);
  });

  it("sends less than 10 KB after a one-line edit among 2,000 files", async () => {
    for (let i = 0; i < 2000; i++) write(`d${i % 50}/f${i}.txt`, `file ${i}`);
    write("train.py", "print(1)\n");
    await upload();
    server.bytesReceived();
    appendFileSync(join(folder, "d7/f57.txt"), "one more line\n");
    const snapshot = await upload();
    expect(server.bytesReceived()).toBeLessThan(10_000);
    expect(server.contentOf(snapshot.root)["d7/f57.txt"]).toBe("file 57one more line\n");
  });

  it("travels in several requests when there is much, and tells how far it is", async () => {
    for (let i = 0; i < 70; i++) write(`f${i}`, `${i}`.padEnd(1_000_000, "."));
    const told: UploadProgress[] = [];
    await upload({ onProgress: (progress: UploadProgress) => void told.push(progress) });
    expect(bodies()).toBe(4);
    expect(told[0]).toMatchObject({ sentBytes: 0, sentBlobs: 0, totalBlobs: 71 });
    expect(told.at(-1)).toMatchObject({ sentBytes: told.at(-1)!.totalBytes, sentBlobs: 71 });
    expect(told.every((progress, i) => i === 0 || progress.sentBytes >= told[i - 1]!.sentBytes)).toBe(true);
  });

  it("sends again what the server lost though it still has the folder that names it", async () => {
    write("a/x.txt", "lost");
    write("a/y.txt", "kept");
    const { root } = await upload();
    const [lost] = [...server.blobs].find(([, bytes]) => bytes.toString() === "lost")!;
    server.blobs.delete(lost);
    expect((await upload()).root).toBe(root);
    expect(server.contentOf(root)).toEqual({ "a/x.txt": "lost", "a/y.txt": "kept" });
    server.blobs.clear();
    await upload();
    expect(server.contentOf(root)).toEqual({ "a/x.txt": "lost", "a/y.txt": "kept" });
  });

  it("never leaves a folder at the server without what it names, wherever it is cut off", async () => {
    for (let i = 0; i < 4; i++) write(`a/b${i}/f.txt`, `${i}`);
    write("big", "x".repeat(1_100_000));
    const scanned = await scan();
    for (let allowed = 0; ; allowed++) {
      server.blobs.clear();
      const stop = new AbortController();
      let requests = 0;
      server.before = () => void (requests++ === allowed && stop.abort(new Error("cut")));
      const done = await uploadSnapshot(client, "default", { ...scanned, options: { home: null } }, { signal: stop.signal }).then(
        () => true,
        () => false,
      );
      server.before = () => {};
      for (const bytes of server.blobs.values()) {
        const entries: { sha256?: string }[] = bytes.toString().startsWith("{") ? JSON.parse(bytes.toString()).entries : [];
        for (const { sha256 } of entries) expect(server.blobs.has(sha256!)).toBe(true);
      }
      if (done) break;
    }
  });

  it("takes an edit that falls between scan and upload wholly in", async () => {
    write("a.txt", "one");
    write("b.txt", "one");
    const scanned = await scan();
    write("a.txt", "two");
    write("b.txt", "two!");
    const { root } = await uploadSnapshot(client, "default", scanned);
    expect(root).not.toBe(scanned.root);
    expect(server.contentOf(root)).toEqual({ "a.txt": "two", "b.txt": "two!" });
  });

  it("takes an edit of a file that had travelled already wholly in", async () => {
    write("a.txt", "one");
    let edited = false;
    server.before = ({ url }) => {
      if (url === "/api/v1/blobs" && !edited) write("a.txt", "two");
      if (url === "/api/v1/blobs") edited = true;
    };
    const { root } = await upload();
    expect(server.contentOf(root)).toEqual({ "a.txt": "two" });
  });

  it("notices by the checksum an edit that kept size and times", async () => {
    write("a.txt", "one");
    const scanned = await scan();
    const [entry] = scanned.entries;
    write("a.txt", "two");
    const unnoticed = { ...scanned, entries: [{ ...entry!, signature: (await scan()).entries[0]!.signature }] };
    const { root } = await uploadSnapshot(client, "default", unnoticed);
    expect(server.contentOf(root)).toEqual({ "a.txt": "two" });
  });

  it("drops a file that was deleted after the scan, big or small", async () => {
    write("gone.txt");
    write("gone.bin", "x".repeat(2_000_000));
    write("stays.txt");
    const scanned = await scan();
    rmSync(join(folder, "gone.txt"));
    rmSync(join(folder, "gone.bin"));
    const { root } = await uploadSnapshot(client, "default", scanned);
    expect(server.contentOf(root)).toEqual({ "stays.txt": "stays.txt" });
  });

  it.each([10, 2_000_000])("names a file of %i bytes that changes at every try", async (size) => {
    write("log.txt", "x".repeat(size));
    let edits = 0;
    server.before = ({ url }) => {
      if (url === "/api/v1/blobs/missing") write("log.txt", `${edits++}`.padEnd(size, "x"));
    };
    const error = await upload().catch((thrown) => thrown);
    expect(error).toBeInstanceOf(Conflict);
    expect(error.message).toMatch(/log\.txt .*keeps changing.*\.amlignore/);
    expect(server.http.requests.some((request) => request.url.endsWith("/snapshots"))).toBe(false);
  });

  it("passes on what the server refuses", async () => {
    write("a.txt");
    server.http.answerWith((_, response) => response.writeHead(507).end('{"code":"disk_full","detail":"No space is left.","status":507}'));
    const error = await upload().catch((thrown) => thrown);
    expect(error).toBeInstanceOf(RemoteError);
    expect(error).toMatchObject({ code: "disk_full", message: "No space is left." });
  });

  it("stops when it is told to", async () => {
    write("a.txt");
    const stop = new AbortController();
    server.before = () => stop.abort(new Error("enough"));
    await expect(upload({ signal: stop.signal })).rejects.toThrow("enough");
  });

  it("goes on when the connection is cut in the middle", async () => {
    for (let i = 0; i < 5; i++) write(`f${i}`, `${i}`.padEnd(900_000, "."));
    write("big", "x".repeat(2_000_000));
    let cuts = 0;
    server.before = ({ url }) => {
      if (url.startsWith("/api/v1/blobs") && cuts++ % 2 === 0) server.http.dropConnections();
    };
    const snapshot = await upload();
    expect(Object.keys(server.contentOf(snapshot.root))).toHaveLength(6);
  });
});
