import { type JobEvent, type JournalRecord, jobEvent, journalRecord } from "@switchyard/protocol";

/** Spec 05 §6. */
const LONGEST_NAME = 255;

type NumberRecord = Extract<JournalRecord, { k: "m" }>;

/** The record in a journal line, or null when the line holds none. Blank lines are told apart: they are no loss. */
export function parseRecord(line: string): JournalRecord | null {
  const json = parseJson(line);
  if (json === null) return null;
  // Nearly all records are numbers: they are checked by hand, ten times faster than by the schema.
  if (json.k === "m") return isNumberRecord(json) ? json : null;
  const record = journalRecord.safeParse(json);
  return record.success && hasFittingName(record.data) ? record.data : null;
}

/** The event in a line of `events.jsonl`, or null when the line holds none. */
export function parseEvent(line: string): JobEvent | null {
  const event = jobEvent.safeParse(parseJson(line));
  return event.success ? event.data : null;
}

function parseJson(line: string): Record<string, unknown> | null {
  try {
    const json: unknown = JSON.parse(line);
    return typeof json === "object" && json !== null ? (json as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function isNumberRecord(json: Record<string, unknown>): json is NumberRecord & Record<string, unknown> {
  const { n, t, name, v, s, run, at, model, dataset } = json;
  return (
    Number.isInteger(n) &&
    (n as number) >= 1 &&
    typeof t === "number" &&
    typeof name === "string" &&
    name.length > 0 &&
    name.length <= LONGEST_NAME &&
    (typeof v === "number" || v === "NaN" || v === "Infinity" || v === "-Infinity") &&
    (s === undefined || typeof s === "number") &&
    (run === undefined || typeof run === "string") &&
    (at === undefined || typeof at === "number") &&
    (model === undefined || (typeof model === "string" && (dataset === undefined || isDatasetName(dataset))))
  );
}

function isDatasetName(dataset: unknown): boolean {
  const { name, digest } = (dataset ?? {}) as { name?: unknown; digest?: unknown };
  return typeof name === "string" && typeof digest === "string";
}

function hasFittingName(record: JournalRecord): boolean {
  return !("name" in record) || record.name === null || (record.name.length > 0 && record.name.length <= LONGEST_NAME);
}
