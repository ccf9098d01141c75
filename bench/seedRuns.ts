import type { Store } from "@switchyard/store";
import { newRun } from "@switchyard/store/testing";

/** Fills a store with completed runs that carry a tag, a curve of ten losses and an accuracy. */
export async function seedRuns(store: Store, count: number): Promise<void> {
  await store.workspaces.ensure("default");
  for (let i = 0; i < count; i++) {
    const id = `bench_${i}`;
    const at = new Date(Date.UTC(2026, 0, 1) + i * 60_000);
    const ended = { state: "ended", outcome: "succeeded", createdAt: at, startedAt: at, endedAt: at, removedAt: at } as const;
    await store.runs.create({ ...newRun(id, { experiment: `bench-${i % 20}`, ...ended }), tags: { team: "abc"[i % 3]! }, properties: {} });
    await store.telemetry.take({
      runId: id,
      cursors: [],
      numbers: [
        {
          name: "loss",
          attempt: 1,
          writer: "w",
          values: [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
          steps: Array(10).fill(null),
          times: Array(10).fill(at.getTime()),
        },
        { name: "accuracy", attempt: 1, writer: "w", values: [((i * 7919) % 10_007) / 10_007], steps: [null], times: [at.getTime()] },
      ],
    });
  }
}
