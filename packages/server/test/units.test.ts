import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BadRequest, NotFound, RangeNotSatisfiable, SwitchyardError } from "@switchyard/protocol";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadSettings, settingsOfFlags } from "../src/config/load.ts";
import { nearest } from "../src/config/nearest.ts";
import { variableOf } from "../src/config/settings.ts";
import { framedBlobs } from "../src/http/framedBlobs.ts";
import { problemOf } from "../src/http/problems.ts";
import { parseRange } from "../src/http/ranges.ts";
import { decodePositions, encodePositions } from "../src/streams/logPositions.ts";
import { decodeUtf8, wholeSequences } from "../src/streams/utf8.ts";

describe("ranges", () => {
  it.each([
    [undefined, null],
    ["bytes=0-3", { start: 0, end: 4 }],
    ["bytes=4-", { start: 4, end: 10 }],
    ["bytes=-3", { start: 7, end: 10 }],
    ["bytes=-30", { start: 0, end: 10 }],
    ["bytes=2-100", { start: 2, end: 10 }],
    ["bytes=5-2", null],
    ["lines=0-3", null],
    ["bytes=0-1,4-5", null],
    ["bytes=-", null],
  ])("reads %s of ten bytes", (header, expected) => {
    expect(parseRange(header, 10)).toEqual(expected);
  });

  it.each(["bytes=10-", "bytes=99-100", "bytes=-0"])("refuses %s of ten bytes", (header) => {
    expect(() => parseRange(header, 10)).toThrow(RangeNotSatisfiable);
  });
});

describe("log text", () => {
  it("is the same however its bytes are cut", () => {
    const bytes = fc.uint8Array({ maxLength: 40 });
    fc.assert(
      fc.property(bytes, fc.integer({ min: 4, max: 12 }), (all, size) => {
        let text = "";
        for (let at = 0; at < all.length; ) {
          const piece = all.subarray(at, at + size);
          const whole = at + size >= all.length ? piece.length : wholeSequences(piece);
          text += decodeUtf8(piece.subarray(0, whole));
          at += whole;
        }
        expect(text).toBe(decodeUtf8(all));
      }),
    );
  });

  it("keeps back a character that the end has cut, and nothing else", () => {
    const smile = Buffer.from("a😀");
    for (const cut of [2, 3, 4]) expect(wholeSequences(smile.subarray(0, cut))).toBe(1);
    expect(wholeSequences(smile)).toBe(5);
    expect(wholeSequences(Buffer.from([0x61, 0xff]))).toBe(2);
    expect(wholeSequences(Buffer.from([0x80, 0x80, 0x80, 0x80]))).toBe(4);
  });
});

describe("log positions", () => {
  it("come back as they were, whatever the names", () => {
    const names = fc.string({ minLength: 1, unit: "grapheme" });
    fc.assert(
      fc.property(fc.dictionary(names, fc.nat()), (offsets) => {
        const positions = new Map(Object.entries(offsets));
        const id = encodePositions(positions);
        expect(id).toMatch(/^[\x20-\x7e]*$/);
        expect(decodePositions(id === "" ? null : id)).toEqual(positions);
      }),
    );
  });

  it.each(["x", "a:-1", "a:b", "%:1", "a:1|"])("refuses %s", (id) => {
    expect(() => decodePositions(id)).toThrow(BadRequest);
  });
});

describe("framed blobs", () => {
  const frame = (sha256: string, content: Uint8Array) => {
    const length = Buffer.alloc(8);
    length.writeBigUInt64BE(BigInt(content.length));
    return Buffer.concat([Buffer.from(sha256, "hex"), length, content]);
  };
  async function* inPieces(bytes: Uint8Array, size: number) {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  const piecesOf = async (content: AsyncIterable<Uint8Array>) => {
    const pieces: Uint8Array[] = [];
    for await (const piece of content) pieces.push(piece);
    return pieces;
  };
  const hash = (n: number) => String(n).padStart(64, "0");

  it("are taken apart however they arrive, also when the taker does not read them", async () => {
    const contents = [Buffer.from("hello"), Buffer.alloc(0), Buffer.alloc(1000, 7)];
    const body = Buffer.concat(contents.map((content, n) => frame(hash(n), content)));
    for (const size of [1, 7, 41, 5000]) {
      const got: [string, string | null][] = [];
      for await (const { sha256, content } of framedBlobs(inPieces(body, size))) {
        if (sha256 === hash(0)) got.push([sha256, null]);
        else got.push([sha256, Buffer.concat(await piecesOf(content)).toString()]);
      }
      expect(got).toEqual([[hash(0), null], ...[1, 2].map((n) => [hash(n), contents[n]?.toString()])]);
    }
  });

  it.each([10, 39, 42])("say where a body of %i bytes breaks off", async (length) => {
    const body = frame(hash(1), Buffer.from("hello")).subarray(0, length);
    await expect(async () => {
      for await (const { content } of framedBlobs(inPieces(body, 8))) await piecesOf(content);
    }).rejects.toThrow(/The body ended after/);
  });
});

describe("problems", () => {
  it("tell what we know and nothing of what we do not", () => {
    expect(problemOf(new NotFound("There is no run.", { details: { nearest: "x" } }))).toEqual({
      type: "urn:switchyard:error:not_found",
      title: "not found",
      status: 404,
      code: "not_found",
      detail: "There is no run.",
      details: { nearest: "x" },
    });
    expect(problemOf(new Error("password=1")).detail).not.toContain("password");
    expect(problemOf(new SwitchyardError("x")).status).toBe(500);
    expect(problemOf(Object.assign(new Error("no space"), { code: "ENOSPC" }))).toMatchObject({ code: "disk_full", status: 507 });
    expect(problemOf(new Error("outer", { cause: Object.assign(new Error("x"), { code: "SQLITE_FULL" }) })).code).toBe("disk_full");
  });
});

describe("settings", () => {
  let folder: string;
  let file: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "switchyard-settings-"));
    file = join(folder, "config.json");
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const load = (text: string, env = {}, flags = {}) => {
    writeFileSync(file, text);
    return loadSettings(file, env, flags);
  };

  it("come from the file, then the environment, then flags", () => {
    const text = JSON.stringify({ port: 1000, logLevel: "warn", lostAfterSeconds: 5, host: "::1" });
    const env = { SWITCHYARD_PORT: "2000", SWITCHYARD_LOG_LEVEL: "debug", SWITCHYARD_HOME: "/x" };
    expect(load(text, env, settingsOfFlags({ port: "3000" }))).toEqual({ port: 3000, logLevel: "debug", lostAfterSeconds: 5, host: "::1" });
    expect(loadSettings(join(folder, "none"), {}, {})).toEqual({});
  });

  it.each([
    ['{"maxConcurentRuns": 1}', 'did you mean "maxConcurrentRuns"'],
    ['{"port": "80"}', "port"],
    ['{"port": 0}', "port"],
    ["[]", "one JSON object"],
    ["{", "is not JSON"],
  ])("refuse the file %s", (text, said) => {
    expect(() => load(text)).toThrow(BadRequest);
    expect(() => load(text)).toThrow(said);
  });

  it("name the variable or flag that is wrong", () => {
    expect(() => load("{}", { SWITCHYARD_PORT: "http" })).toThrow("SWITCHYARD_PORT");
    expect(() => settingsOfFlags({ databaseUrl: "" })).toThrow("--database-url");
    expect(variableOf("keepRunDirectoriesSeconds")).toBe("SWITCHYARD_KEEP_RUN_DIRECTORIES_SECONDS");
  });

  it("find the name that was meant, or none", () => {
    expect(nearest("stauts", ["status", "target"])).toBe("status");
    expect(nearest("zzz", ["status", "target"])).toBeNull();
  });
});
