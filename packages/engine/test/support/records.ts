import type { RunRecord } from "@switchyard/store";
import { newRun } from "@switchyard/store/testing";

/** A run as it lies in the queue. */
export function queuedRun(id: string): RunRecord {
  const {
    tags: _tags,
    properties: _properties,
    ...record
  } = newRun(id, { createdAt: new Date("2026-01-01T00:00:00.000Z"), definition: {} });
  return { ...record, number: 1, version: 1 };
}
