import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { ComputeDriver, JobBundle } from "@switchyard/compute";
import { createSshDriver } from "@switchyard/compute/ssh";
import { bundleOf, Follower, Gate, SshLab, type TestFile, until } from "@switchyard/compute/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TOOLS } from "../localLab.ts";

let lab: SshLab;
let driver: ComputeDriver;
beforeAll(async () => {
  lab = await SshLab.start(1);
  driver = createSshDriver(lab.host.settings(), TOOLS);
});
afterAll(() => lab?.close());

const signal = () => AbortSignal.timeout(100_000);
const site = () => join(lab.host.home, ".switchyard/site");

/** Starts a job whose files are these, and returns which of them were read to be sent. */
async function send(files: Record<string, TestFile>): Promise<{ sent: string[]; code: string }> {
  const sent: string[] = [];
  const bundle = bundleOf({ acts: [], files });
  const noting: JobBundle["code"] = async function* () {
    for await (const entry of bundle.code()) {
      if (entry.kind !== "file") yield entry;
      else yield { ...entry, read: () => (sent.push(entry.path) > 0 ? entry.read() : entry.read()) };
    }
  };
  const handle = await driver.start({ ...bundle, code: noting }, signal());
  await new Follower(driver, handle).toTheEnd();
  return { sent: sent.sort(), code: join(lab.host.directoryOf(bundle.id), "code") };
}

describe("a snapshot on its way", () => {
  it("sends what is new and nothing twice", async () => {
    const files = {
      "train.py": "print(1)\n",
      "data/a.bin": "a".repeat(1000),
      "data/again.bin": "a".repeat(1000),
      "data/empty": "",
      "empty too": "",
    };
    const first = await send(files);
    expect(first.sent).toHaveLength(3); // the script, train.py, and one of the two alike
    const second = await send({ ...files, "train.py": "print(2)\n" });
    expect(second.sent).toEqual(["train.py"]);
    for (const [path, content] of Object.entries({ ...files, "train.py": "print(2)\n" })) {
      expect(readFileSync(join(second.code, path), "utf8"), path).toBe(content);
    }
    expect(readdirSync(join(site(), "staging"))).toEqual([]);
  });

  it("gives files alike their own modes", async () => {
    const alike = (mode: number) => ({ content: "the same", mode });
    const { code } = await send({ "a.txt": "the same", "b.sh": alike(0o755), "c.txt": alike(0o444), "d.txt": alike(0o200) });
    const modes = ["a.txt", "b.sh", "c.txt", "d.txt"].map((path) => (statSync(join(code, path)).mode & 0o777).toString(8));
    expect(modes).toEqual(["644", "755", "444", "200"]);
    expect(readFileSync(join(code, "c.txt"), "utf8")).toBe("the same");
  });

  it("gives every file a content of its own, whatever a script then writes into it", async () => {
    const files = { "a.txt": "same bytes", "b.txt": "same bytes", "data/c.txt": "same bytes" };
    const { code } = await send(files);
    const inodes = Object.keys(files).map((path) => statSync(join(code, path)).ino);
    expect(new Set(inodes).size).toBe(3);
    writeFileSync(join(code, "a.txt"), "written by the script");
    expect((await send(files)).sent).toEqual([]);
    const again = await send(files);
    for (const path of Object.keys(files)) expect(readFileSync(join(again.code, path), "utf8")).toBe("same bytes");
  });

  it("takes thousands of files", async () => {
    const files = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`d${index % 50}/f${index}.txt`, `content ${index}`]));
    const { sent, code } = await send(files);
    expect(sent).toHaveLength(5000);
    expect(readFileSync(join(code, "d49/f4999.txt"), "utf8")).toBe("content 4999");
  });

  it("keeps no bytes that were not those of the snapshot", async () => {
    const wrong = { "data.bin": { content: "x".repeat(512), sha256: "ab".repeat(32) } };
    await expect(driver.start(bundleOf({ files: wrong }), signal())).rejects.toThrow(/not those of the snapshot/);
    await until("nothing is left of it", () => readdirSync(join(site(), "staging")).length === 0);
    expect(readdirSync(join(site(), "blobs"))).not.toContain("ab".repeat(32));
  });
});

describe("a large snapshot", () => {
  const part = (number: number) => new Uint8Array(5_000_000).fill(number);
  const files: Record<string, TestFile> = {
    "a/1.bin": part(1),
    "a/again.bin": part(1),
    "b/2.bin": { content: part(2), mode: 0o755 },
    "b/locked/3.bin": { content: part(3), mode: 0o400 },
    "b/locked": { folder: true, mode: 0o555 },
    "4.bin": part(4),
    empty: "",
    latest: { link: "a/1.bin" },
  };
  const shasOf = (folder: string) => readdirSync(join(site(), folder)).sort();
  const settled = () =>
    until("the cache is whole again", () => !readdirSync(join(site(), "staging")).some((name) => name.endsWith(".keep")));

  function expectWhole(code: string): void {
    for (const [path, number] of [
      ["a/1.bin", 1],
      ["a/again.bin", 1],
      ["b/2.bin", 2],
      ["b/locked/3.bin", 3],
      ["4.bin", 4],
      ["latest", 1],
    ] as const) {
      const bytes = readFileSync(join(code, path));
      expect([path, bytes.length, bytes.every((byte) => byte === number)]).toEqual([path, 5_000_000, true]);
    }
    const modes = ["a/1.bin", "b/2.bin", "b/locked/3.bin", "b/locked", "a"].map((path) =>
      (statSync(join(code, path)).mode & 0o777).toString(8),
    );
    expect(modes).toEqual(["644", "755", "400", "555", "755"]);
    expect(statSync(join(code, "a/1.bin")).ino).not.toBe(statSync(join(code, "a/again.bin")).ino);
  }

  it("is taken by the job as it arrived, and put back into the cache behind its back", async () => {
    const first = await send(files);
    expect(first.sent.filter((path) => path.endsWith(".bin"))).toHaveLength(4);
    expectWhole(first.code);
    await settled();
    const second = await send({ ...files, "train.py": "print('large')\n" });
    expect(second.sent).toEqual(["train.py"]);
    expectWhole(second.code);
    await settled();
    for (const code of [first.code, second.code]) {
      for (const path of ["a/1.bin", "4.bin"]) expect(statSync(join(code, path)).nlink, path).toBe(1);
    }
  });

  it("keeps nothing in the cache that a script has changed before it was put back", async () => {
    const bytes = new Uint8Array(40_000_000).fill(9);
    const bundle = bundleOf({ script: "printf changed >data.bin", files: { "data.bin": bytes } });
    await new Follower(driver, await driver.start(bundle, signal())).toTheEnd();
    expect(readFileSync(join(lab.host.directoryOf(bundle.id), "code/data.bin"), "utf8")).toBe("changed");
    const again = await send({ "data.bin": bytes });
    expect(readFileSync(join(again.code, "data.bin")).equals(bytes)).toBe(true);
    await settled();
    for (const folder of ["blobs", "spare"]) {
      for (const name of shasOf(folder)) {
        expect(
          createHash("sha256")
            .update(readFileSync(join(site(), folder, name)))
            .digest("hex"),
          folder,
        ).toBe(name);
      }
    }
  });

  it("is whole for each of several jobs that start at the same time, and is sent to the first alone", async () => {
    const many = Object.fromEntries([11, 12, 13, 14].map((number) => [`${number}.bin`, part(number)]));
    await send(many);
    const sent = await Promise.all([1, 2, 3, 4].map(() => send(many)));
    for (const { code, sent: paths } of sent) {
      expect(paths).toEqual([]);
      for (const number of [11, 12, 13, 14]) expect(readFileSync(join(code, `${number}.bin`)).every((byte) => byte === number)).toBe(true);
      for (const number of [11, 12, 13, 14]) expect(statSync(join(code, `${number}.bin`)).nlink).toBeLessThanOrEqual(2);
    }
    await settled();
    const inodes = sent.flatMap(({ code }) => [11, 12, 13, 14].map((number) => statSync(join(code, `${number}.bin`)).ino));
    expect(new Set(inodes).size).toBe(16);
  });

  it("is copied where the machine cannot hash, and by busybox as well", async () => {
    for (const options of [{ tools: (name: string) => name !== "sha256sum" }, { busyboxWithout: ["sha256sum"] }, { busyboxWithout: [] }]) {
      const host = await lab.add(options);
      const there = createSshDriver(host.settings(), TOOLS);
      for (const _ of [1, 2]) {
        const bundle = bundleOf({ acts: [], files });
        await new Follower(there, await there.start(bundle, signal())).toTheEnd();
        expectWhole(join(host.directoryOf(bundle.id), "code"));
      }
    }
  });
});

describe("one connection", () => {
  it("is shared by all that happens on a machine", async () => {
    const others = [1, 2, 3].map(() => createSshDriver(lab.host.settings(), TOOLS));
    const gate = new Gate();
    const handles = await Promise.all(others.map((other) => other.start(bundleOf({ acts: [{ waitFor: gate.path }] }), signal())));
    for (const [index, handle] of handles.entries()) await new Follower(others[index] as ComputeDriver, handle).toTheStart();
    expect(await lab.host.connections()).toBe(1);
    gate.open();
    for (const handle of handles) await new Follower(driver, handle).toTheEnd();
    gate.close();
  });
});

describe("the way home", () => {
  let server: Server;
  let url: string;
  beforeAll(async () => {
    server = createServer((request, response) => response.end(`you asked for ${request.url}`));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server?.close());

  const ask =
    "python3 -c \"import os, urllib.request as u; print(u.urlopen(os.environ['AZUREML_SERVICE_ENDPOINT'] + '/x', timeout=10).read().decode())\"";
  const job = () =>
    bundleOf({
      script: ask,
      variables: { AZUREML_SERVICE_ENDPOINT: url, MLFLOW_TRACKING_URI: `${url}/mlflow`, OTHER: "http://127.0.0.1:1" },
    });
  const driverWith = (serverUrl: string, auth = lab.auth("password")) => createSshDriver(lab.host.settings(auth), { ...TOOLS, serverUrl });

  it("lets a script ask a server that its machine cannot reach", async () => {
    const there = driverWith(url);
    const bundle = job();
    const follower = new Follower(there, await there.start(bundle, signal()));
    expect(await follower.toTheEnd()).toMatchObject({ exitCode: 0 });
    expect(follower.text(bundle.job.logs.driver)).toBe("you asked for /x\n");
    const variables = JSON.parse(readFileSync(join(lab.host.directoryOf(bundle.id), ".switchyard/job.json"), "utf8")).variables;
    expect(variables).toMatchObject({
      MLFLOW_TRACKING_URI: expect.stringMatching(/^http:\/\/127\.0\.0\.1:[23]\d{4}\/mlflow$/),
      OTHER: "http://127.0.0.1:1",
    });
  });

  it("is the same port again after the connection broke", async () => {
    const there = driverWith(url);
    const cut = await lab.host.cut();
    await expect(there.start(job(), signal())).rejects.toThrow();
    await cut();
    const bundle = job();
    const follower = new Follower(there, await until("the machine is back", () => there.start(bundle, signal()).catch(() => undefined)));
    expect(await follower.toTheEnd()).toMatchObject({ exitCode: 0 });
  });

  it("is left out where the server forbids it, and where other machines can try the address", async () => {
    const host = await lab.add({ config: ["AllowTcpForwarding no"] });
    const bundle = job();
    const forbidden = createSshDriver(host.settings(), { ...TOOLS, serverUrl: url });
    await forbidden.start(bundle, signal());
    const variablesOf = (directory: string) => JSON.parse(readFileSync(join(directory, ".switchyard/job.json"), "utf8")).variables;
    expect(variablesOf(host.directoryOf(bundle.id))).toMatchObject({ AZUREML_SERVICE_ENDPOINT: url });
    const reachable = bundleOf({ acts: [], variables: { AZUREML_SERVICE_ENDPOINT: "http://train.example:8123" } });
    await driverWith("http://train.example:8123", lab.auth("encrypted key")).start(reachable, signal());
    expect(variablesOf(lab.host.directoryOf(reachable.id))).toMatchObject({ AZUREML_SERVICE_ENDPOINT: "http://train.example:8123" });
  });
});
