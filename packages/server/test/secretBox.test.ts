import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore } from "@switchyard/store";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSecretBox, SecretBox } from "../src/computes/secretBox.ts";
import { openHome } from "../src/home/home.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "switchyard-box-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("stored credentials", () => {
  it("come back for their owner alone, and look different each time", async () => {
    const box = new SecretBox(randomBytes(32));
    const sealed = await box.seal({ password: "hunter2" }, "target-1");
    expect(sealed).not.toContain("hunter2");
    expect(await box.seal({ password: "hunter2" }, "target-1")).not.toBe(sealed);
    expect(box.open(sealed, "target-1")).toEqual({ password: "hunter2" });
    expect(() => box.open(sealed, "target-2")).toThrow(/attach again/);
    expect(() => new SecretBox(randomBytes(32)).open(sealed, "target-1")).toThrow(/this server's key/);
    const broken = `${sealed.slice(0, -4)}AAAA`;
    for (const wrong of [broken, "v1.", "v2.abc", ""]) expect(() => box.open(wrong, "target-1"), wrong).toThrow(/cannot be read/);
  });

  it("are encrypted with a key of the home that only its owner may read", async () => {
    const store = await openStore("sqlite::memory:");
    const home = openHome(join(folder, "home"));
    const sealed = await (await openSecretBox(home, store, undefined)).seal({ a: 1 }, "x");
    expect(statSync(home.key).mode & 0o777).toBe(0o600);
    const again = await openSecretBox(home, store, undefined);
    expect(again.open(sealed, "x")).toEqual({ a: 1 });
    await store.close();
  });

  it("need one key on all servers of a database, once there are any", async () => {
    const store = await openStore("sqlite::memory:");
    const [first, second] = [openHome(join(folder, "first")), openHome(join(folder, "second"))];
    const box = await openSecretBox(first, store, undefined);
    const late = await openSecretBox(second, store, undefined);
    await box.seal({ a: 1 }, "x");
    await expect(late.seal({ a: 1 }, "y")).rejects.toThrow(/Copy the file "key"/);
    await expect(openSecretBox(second, store, undefined)).rejects.toThrow(/Copy the file "key"/);
    const given = readFileSync(first.key, "utf8");
    expect((await openSecretBox(second, store, given)).fingerprint).toBe(box.fingerprint);
    await store.close();
  });

  it("refuse a key that is none", async () => {
    const store = await openStore("sqlite::memory:");
    const home = openHome(join(folder, "home"));
    await expect(openSecretBox(home, store, "c2hvcnQ=")).rejects.toThrow(/SWITCHYARD_KEY must hold base64 of 32 bytes; it holds 5/);
    expect(existsSync(home.key)).toBe(false);
    await store.close();
  });
});
