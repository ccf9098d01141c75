// Snapshot of 10,000 files and 1 GB, first and after a one-line edit, beside sha256sum on the same tree.
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { scanFolder, uploadSnapshot } from "@switchyard/sdk/node";
import { LiveServer } from "../test/support/liveServer.ts";
import { type Benchmark, memoryOf, seconds } from "./measure.ts";

const FILES = 10_000;
const BYTES = 1_000_000_000;

export const snapshot: Benchmark = {
  name: "snapshot",
  async run() {
    const folder = mkdtempSync(join(tmpdir(), "switchyard-bench-tree-"));
    makeTree(folder);
    const server = new LiveServer();
    try {
      await server.start();
      const hash = () => execFileSync("sh", ["-c", "find . -type f -print0 | xargs -0 sha256sum > /dev/null"], { cwd: folder });
      hash(); // both read from the page cache
      const baseline = await seconds(hash);
      const send = async () => uploadSnapshot(server.client, "default", await scanFolder(folder));
      const first = await seconds(send);
      await seconds(send);
      appendFileSync(join(folder, "train.py"), "print('one more line')\n");
      let sent = 0;
      const second = await seconds(async () => {
        await uploadSnapshot(server.client, "default", await scanFolder(folder), { onProgress: (progress) => (sent = progress.sentBytes) });
      });
      return [
        { what: "baseline: sha256sum of the tree", value: baseline, unit: "s" },
        { what: "first submit: scan, hash and send", value: first, unit: "s" },
        { what: "first submit, speed relative to sha256sum", value: baseline / first, unit: "×", bar: { atLeast: 0.6 } },
        { what: "submit after a one-line edit", value: second, unit: "s", bar: { atMost: 1 } },
        { what: "sent after a one-line edit of train.py", value: sent / 1000, unit: "KB", bar: { atMost: 10 } },
        { what: "server's peak memory", value: memoryOf(server.pid!).peak, unit: "MB", bar: { atMost: 400 } },
      ];
    } finally {
      await server.close();
      rmSync(folder, { recursive: true });
    }
  },
};

function makeTree(folder: string): void {
  writeFileSync(join(folder, "train.py"), "print('hello')\n".repeat(50));
  const noise = randomBytes(BYTES / FILES);
  for (let i = 0; i < FILES; i++) {
    const parent = join(folder, `d${i % 100}`);
    if (i < 100) mkdirSync(parent);
    noise.writeUInt32LE(i, 0);
    writeFileSync(join(parent, `f${i}.bin`), noise);
  }
}
