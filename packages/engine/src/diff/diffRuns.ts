import { isDeepStrictEqual } from "node:util";
import { type JsonValue, NotFound, type RunDiff } from "@switchyard/protocol";
import type { RunView } from "@switchyard/store";
import type { EngineContext } from "../context.ts";
import { diffCode } from "./diffCode.ts";

type Entry = RunDiff["environment"][number];
type Wire = Entry["a"];

/** Two runs side by side: only what differs. */
export async function diffRuns(context: EngineContext, a: string, b: string): Promise<RunDiff> {
  const [left, right] = [await requireView(context, a), await requireView(context, b)];
  const { environment: environmentA, arguments: argumentsA, ...restA } = left.record.definition;
  const { environment: environmentB, arguments: argumentsB, ...restB } = right.record.definition;
  return {
    a,
    b,
    code: await diffCode(context, left.record.snapshotId, right.record.snapshotId),
    arguments: diffArguments(argumentsA ?? [], argumentsB ?? []),
    environment: diffJson("", environmentA ?? {}, environmentB ?? {}),
    configuration: diffJson("", restA, restB),
    metrics: diffKeys("", left.metrics, right.metrics, (what, x, y) => [entry(what, x, y)]),
  };
}

function entry(what: string, a: JsonValue, b: JsonValue): Entry {
  return { what, a: a as Wire, b: b as Wire };
}

async function requireView({ store }: EngineContext, id: string): Promise<RunView> {
  const view = await store.runs.view(id);
  if (view === undefined) throw new NotFound(`There is no run "${id}".`);
  return view;
}

/** Arguments by option where they are options (`--epochs`), else by position. */
function diffArguments(a: JsonValue, b: JsonValue): Entry[] {
  return diffKeys("", byOption(a), byOption(b), (what, x, y) => [entry(what, x, y)]);
}

function byOption(value: JsonValue): Record<string, JsonValue> {
  const words = (Array.isArray(value) ? value : []).map(String);
  const named: Record<string, JsonValue> = {};
  let position = 0;
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? "";
    const next = words[index + 1];
    const equals = /^(--?[A-Za-z][\w-]*)=(.*)$/s.exec(word);
    if (equals) named[unused(named, equals[1] ?? "")] = equals[2] ?? "";
    else if (/^--?[A-Za-z]/.test(word) && next !== undefined && !/^--?[A-Za-z]/.test(next)) {
      named[unused(named, word)] = next;
      index += 1;
    } else if (/^--?[A-Za-z]/.test(word)) named[unused(named, word)] = true;
    else named[`[${position++}]`] = word;
  }
  return named;
}

/** An option given several times: each under a name of its own. */
function unused(named: object, name: string): string {
  let free = name;
  for (let count = 2; Object.hasOwn(named, free); count += 1) free = `${name} (${count})`;
  return free;
}

/** What differs between two JSON values, by the path of keys that leads there. Lists are compared whole. */
export function diffJson(path: string, a: JsonValue, b: JsonValue): Entry[] {
  if (isDeepStrictEqual(a, b)) return [];
  if (!isMap(a) || !isMap(b)) return [entry(path, a, b)];
  return diffKeys(path, a, b, diffJson);
}

type JsonMap = Readonly<Record<string, JsonValue>>;

function diffKeys(path: string, a: JsonMap, b: JsonMap, differ: (what: string, a: JsonValue, b: JsonValue) => Entry[]): Entry[] {
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
  return keys.flatMap((key) => {
    const what = path === "" ? key : `${path}.${key}`;
    const [x, y] = [a[key] ?? null, b[key] ?? null];
    return isDeepStrictEqual(x, y) ? [] : differ(what, x, y);
  });
}

function isMap(value: JsonValue): value is JsonMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
