// Run by open.test.ts: takes points one batch after the other, says on stdout what was taken, until it is killed.
import { openStore } from "../src/index.ts";

const store = await openStore(process.argv[2] as string);
for (let offset = 0; ; offset++) {
  const numbers = [{ name: "n", attempt: 1, values: [offset], steps: [null], times: [offset] }];
  await store.telemetry.take({ runId: "a", cursors: [{ attempt: 1, file: "journal/m.jsonl", was: offset, now: offset + 1 }], numbers });
  process.stdout.write(`${offset + 1}\n`);
}
