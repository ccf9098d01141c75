import type { JournalRecord, JsonValue, MetricKind, RunError } from "@switchyard/protocol";
import type { TrackedRecord } from "@switchyard/store";
import { clip } from "../runs/transitions.ts";

/** A stretch of one curve: what one writer logged under one name, in its order. */
export interface NumberSeries {
  readonly runId: string | null;
  readonly name: string;
  readonly writer: string;
  readonly values: number[];
  readonly steps: (number | null)[];
  /** milliseconds since 1970 UTC */
  readonly times: number[];
  /** the script gave the times itself: a point with the step, time and value of an earlier one is that one */
  readonly once: boolean;
}

/** One thing a script said about a run: `runId` null means the journal's own. */
type About<T> = T & { readonly runId: string | null };

/** The end that a script gave to a child run of its own. */
export interface ChildEnd {
  readonly runId: string;
  readonly failure: RunError | null;
  readonly time: number;
}

/**
 * What journal records amount to, gathered from many of them. The order of one writer's records is kept within each of
 * the lists.
 */
export class Harvest {
  readonly numbers = new Map<string, NumberSeries>();
  readonly values: About<{
    name: string;
    writer: string;
    kind: Exclude<MetricKind, "number">;
    value: JsonValue;
    step: number | null;
    time: number;
  }>[] = [];
  readonly tags: About<{ name: string; value: string | null; removed: boolean }>[] = [];
  /** what only MLflow's clients say, in their order */
  readonly tracked: TrackedRecord[] = [];
  readonly properties: About<{ name: string; value: string }>[] = [];
  readonly sets: About<{ name: "displayName" | "description"; value: string }>[] = [];
  readonly children: { readonly id: string; readonly parentId: string | null; readonly name: string | null; readonly time: number }[] = [];
  readonly childEnds: ChildEnd[] = [];
  readonly uses: { time: number; cpu: number | null; memory: number | null; gpu: number | null; gpuMemory: number | null }[] = [];
  failure: RunError | null = null;
  resumed = false;

  add(record: JournalRecord, writer: string): void {
    if (record.k === "m") this.#addNumber(record, writer);
    else this.#addRare(record, writer);
  }

  #addRare(record: Exclude<JournalRecord, { k: "m" }>, writer: string): void {
    const runId = "run" in record ? (record.run ?? null) : null;
    switch (record.k) {
      case "v":
        this.values.push({
          runId,
          writer,
          name: record.name,
          kind: record.kind,
          value: record.v,
          step: record.s ?? null,
          time: record.t * 1000,
        });
        return;
      case "tag":
        this.tags.push({ runId, name: record.name, value: record.v, removed: false });
        return;
      case "untag":
        this.tags.push({ runId, name: record.name, value: null, removed: true });
        return;
      case "param":
      case "dataset":
      case "model":
      case "link":
        this.tracked.push(trackedOf(record));
        return;
      case "property":
        this.properties.push({ runId, name: record.name, value: record.v });
        return;
      case "set":
        this.sets.push({ runId, name: record.name, value: record.v });
        return;
      case "child":
        this.children.push({ id: record.child, parentId: runId, name: record.name, time: record.t * 1000 });
        return;
      case "complete":
        if (runId !== null) this.childEnds.push({ runId, failure: null, time: record.t * 1000 });
        return;
      case "fail":
        this.#addFailure(runId, failureOf(record.code, record.message), record.t * 1000);
        return;
      case "resume":
        this.resumed = true;
        return;
      case "use": {
        const { cpu, memory, gpu, gpuMemory } = record;
        this.uses.push({ time: record.t * 1000, cpu, memory, gpu, gpuMemory });
      }
    }
  }

  #addNumber(record: Extract<JournalRecord, { k: "m" }>, writer: string): void {
    const run = record.run;
    const once = record.at !== undefined;
    const key = run === undefined && !once ? `${writer}\0${record.name}` : `${writer}\0${record.name}\0${run ?? ""}\0${once}`;
    let series = this.numbers.get(key);
    if (series === undefined) {
      series = { runId: run ?? null, name: record.name, writer, values: [], steps: [], times: [], once };
      this.numbers.set(key, series);
    }
    series.values.push(typeof record.v === "number" ? record.v : Number(record.v));
    series.steps.push(record.s ?? null);
    const time = record.at ?? record.t * 1000;
    series.times.push(time);
    if (record.model !== undefined) this.#addModelMetric(record, record.model, time);
  }

  #addModelMetric({ run, name, v, s, dataset }: Extract<JournalRecord, { k: "m" }>, modelId: string, time: number): void {
    const of = { modelId, datasetName: dataset?.name, datasetDigest: dataset?.digest };
    this.tracked.push({
      kind: "metric",
      ...(run !== undefined && { runId: run }),
      metric: { name, value: Number(v), step: s ?? 0, time, ...of },
    });
  }

  #addFailure(runId: string | null, failure: RunError, time: number): void {
    if (runId === null) this.failure = failure;
    else this.childEnds.push({ runId, failure, time });
  }
}

/** What a script said of its failure. */
type Tracked = Extract<JournalRecord, { k: "param" | "dataset" | "model" | "link" }>;

function trackedOf(record: Tracked): TrackedRecord {
  const about = record.run === undefined ? {} : { runId: record.run };
  switch (record.k) {
    case "param":
      return { kind: "param", ...about, name: record.name, value: record.v };
    case "dataset":
      return { kind: "dataset", ...about, input: { dataset: record.dataset, tags: record.tags } };
    case "model": {
      const { model: modelId, title, type, status, params, tags, untag } = record;
      return { kind: "model", ...about, modelId, title, type, status, params, tags, untag, time: record.t * 1000 };
    }
    case "link":
      return { kind: "link", ...about, link: { direction: record.direction, modelId: record.model, step: record.s ?? 0 } };
  }
}

export function failureOf(code: string | null, message: string | null): RunError {
  return { code: code ?? "UserFailed", message: clip(message ?? "The script called run.fail().") };
}
