// Run by logQueue.test.ts: four clients log points of a run each, all at once, and say on stdout what was saved, until the process is killed.
import { openStore } from "../src/index.ts";

const store = await openStore(process.argv[2] as string);
const client = async (runId: string) => {
  for (let step = 0; ; step++) {
    await store.tracking.log("default", runId, { metrics: [{ name: "loss", value: step, step, time: 1000 + step }] });
    process.stdout.write(`${runId} ${step + 1}\n`);
  }
};
await Promise.all((process.argv[3] as string).split(",").map(client));
