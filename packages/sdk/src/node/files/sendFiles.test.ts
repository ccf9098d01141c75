import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SwitchyardClient } from "../../client.ts";
import { sendFiles } from "./sendFiles.ts";

const sum = (bytes: string | Uint8Array) => createHash("sha256").update(bytes).digest("hex");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "switchyard-send-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, content: string): void {
  mkdirSync(join(folder, path, ".."), { recursive: true });
  writeFileSync(join(folder, path), content);
}

/** A server that has what it is told to have, and takes what is sent. */
function server(has: readonly string[] = []) {
  const bodies: Buffer[] = [];
  const take = async (body: () => AsyncIterable<Uint8Array>) => {
    const pieces: Uint8Array[] = [];
    for await (const piece of body()) pieces.push(Uint8Array.from(piece));
    bodies.push(Buffer.concat(pieces));
  };
  const client = {
    missingBlobs: async ({ body }: { body: { sha256: string[] } }) => ({ missing: body.sha256.filter((one) => !has.includes(one)) }),
    putBlobs: async ({ body }: { body: () => AsyncIterable<Uint8Array> }) => take(body),
    putBlob: async ({ body }: { body: () => AsyncIterable<Uint8Array> }) => take(body),
  };
  return { bodies, client: client as unknown as SwitchyardClient };
}

describe("files of a model", () => {
  it("are sent once each, and only those that the server lacks; big ones alone", async () => {
    const big = "0123456789".repeat(200_000);
    for (const [path, text] of [["net/a", "A"], ["net/same", "A"], ["net/known", "K"], ["net/big", big], ["net/empty", ""]] as const) write(path, text); // biome-ignore format: short
    const { bodies, client } = server([sum("K")]);
    const sent = await sendFiles(client, `${join(folder, "net")}/`);
    expect(sent).toMatchObject({ path: "net", bytes: 2_000_003 });
    expect(sent.content.map(({ path }) => path)).toEqual(["net/a", "net/big", "net/empty", "net/known", "net/same"]);
    const frame = (text: string) => {
      const length = Buffer.alloc(8);
      length.writeBigUInt64BE(BigInt(text.length));
      return Buffer.concat([Buffer.from(sum(text), "hex"), length, Buffer.from(text)]);
    };
    expect(bodies).toEqual([Buffer.concat([frame("A"), frame("")]), Buffer.from(big)]);
  });

  it("are not sent when they change meanwhile", async () => {
    write("model.bin", "0123456789".repeat(200_000));
    const { client } = server();
    const say = (what: string) => {
      if (what.startsWith("Sending")) truncateSync(join(folder, "model.bin"), 5);
    };
    await expect(sendFiles(client, join(folder, "model.bin"), { say })).rejects.toThrow("became shorter");
  });

  it("have to be there", async () => {
    mkdirSync(join(folder, "empty"));
    symlinkSync(join(folder, "nowhere"), join(folder, "broken"));
    for (const [path, words] of [["none", "no file or folder"], ["empty", "has no files"], ["broken", "no file or folder"]] as const) // biome-ignore format: short
      await expect(sendFiles(server().client, join(folder, path))).rejects.toThrow(words);
  });
});
