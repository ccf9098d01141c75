import type { Document, Scalar } from "yaml";
import { isAlias, isMap, isPair, isScalar, isSeq, LineCounter, type Node, type ParsedNode, parseDocument } from "yaml";
import type { Given, GivenEntry, GivenScalar } from "./given.ts";
import type { Position, Problems } from "./problem.ts";

const MAX_CHARACTERS = 1024 * 1024;
/** Anchors let a short text stand for billions of values; no honest file comes near this. */
const MAX_PARTS = 20_000;
const MAX_DEPTH = 64;
/** More brackets open at once than this, and the parser itself gives up in strange ways. */
const MAX_OPEN_BRACKETS = 500;
/** After so many mistakes in the writing a person mends those first. */
const MOST_SHOWN = 10;

/** Reads YAML or JSON text (JSON is a part of YAML). Null when nothing of it can be used; `problems` says why. */
export function readText(text: string | Uint8Array, problems: Problems): Given | null {
  const decoded = typeof text === "string" ? text.replace(/^\uFEFF/, "") : decode(text, problems);
  if (decoded === null) return null;
  if (decoded.length > MAX_CHARACTERS) {
    problems.error({ line: 1, column: 1 }, "", `the file has over ${MAX_CHARACTERS} characters; that is not a configuration`);
    return null;
  }
  if (mostOpenBrackets(decoded) > MAX_OPEN_BRACKETS) {
    problems.error({ line: 1, column: 1 }, "", `values are nested over ${MAX_OPEN_BRACKETS} deep`);
    return null;
  }
  return new TextReader(decoded, problems).read();
}

/** Counts those in texts and comments too; no honest file has so many. */
function mostOpenBrackets(text: string): number {
  let open = 0;
  let most = 0;
  for (const character of text) {
    if (character === "[" || character === "{") most = Math.max(most, ++open);
    else if (character === "]" || character === "}") open = Math.max(0, open - 1);
  }
  return most;
}

function decode(bytes: Uint8Array, problems: Problems): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    problems.error(firstBadByte(bytes), "", "the file is not valid UTF-8 from here on; save it as UTF-8");
    return null;
  }
}

/** Bytes that are not UTF-8 become U+FFFD in a lenient reading; the first one that was not there before is the place. */
function firstBadByte(bytes: Uint8Array): Position {
  const lenient = new TextDecoder("utf-8").decode(bytes);
  const before = lenient.slice(0, Math.max(0, lenient.indexOf("\uFFFD")));
  const lines = before.split("\n");
  return { line: lines.length, column: lines.at(-1)!.length + 1 };
}

class TextReader {
  readonly #document: Document.Parsed<ParsedNode>;
  readonly #lines = new LineCounter();
  readonly #problems: Problems;
  #parts = 0;

  constructor(text: string, problems: Problems) {
    this.#problems = problems;
    this.#document = parseDocument(text, { lineCounter: this.#lines, uniqueKeys: false, prettyErrors: false });
  }

  read(): Given | null {
    for (const found of this.#document.errors.slice(0, MOST_SHOWN))
      this.#problems.error(this.#at(found.pos[0]), "", inWords(found.code, found.message));
    for (const found of this.#document.warnings) this.#problems.error(this.#at(found.pos[0]), "", `${found.message}; remove the tag`);
    if (this.#document.errors.length > 0) return null;
    try {
      return this.#given(this.#document.contents, "", 0);
    } catch (error) {
      if (!(error instanceof TooMuch)) throw error;
      this.#problems.error(error.at, "", error.message);
      return null;
    }
  }

  #given(node: Node | null | undefined, path: string, depth: number): Given {
    const at = this.#at(node?.range?.[0]) ?? (depth === 0 ? { line: 1, column: 1 } : null);
    if (++this.#parts > MAX_PARTS) throw new TooMuch(`the file stands for over ${MAX_PARTS} values; look at its anchors and aliases`, at);
    if (depth > MAX_DEPTH) throw new TooMuch(`values are nested over ${MAX_DEPTH} deep`, at);
    if (isAlias(node)) return this.#aliased(node.source, node.resolve(this.#document), path, at, depth);
    if (isScalar(node)) return scalarOf(node, at);
    if (isSeq(node)) {
      const items = node.items.map((item, index) => this.#given(item as Node, `${path}[${index}]`, depth + 1));
      return { kind: "list", items, at };
    }
    if (isMap(node)) return { kind: "map", entries: this.#entries(node.items, path, depth), at };
    return { kind: "scalar", value: null, text: "", at };
  }

  #aliased(name: string, target: Node | undefined, path: string, at: Position | null, depth: number): Given {
    if (target !== undefined) return this.#given(target, path, depth + 1);
    this.#problems.error(at, path, `the alias *${name} has no anchor &${name} before it`);
    return { kind: "scalar", value: null, text: "", at };
  }

  #entries(items: readonly unknown[], path: string, depth: number): GivenEntry[] {
    const own: GivenEntry[] = [];
    const merged: GivenEntry[] = [];
    for (const pair of items) {
      if (!isPair(pair)) continue;
      const keyNode = pair.key as Node | null;
      const at = this.#at(keyNode?.range?.[0]);
      const key = isScalar(keyNode) ? scalarOf(keyNode, at).text : null;
      if (key === null) {
        this.#problems.error(at, path, "a key must be a plain word");
        continue;
      }
      const value = this.#given(pair.value as Node | null, path === "" ? key : `${path}.${key}`, depth + 1);
      // in quotes, as in JSON, `<<` is a key like any other
      if (key === "<<" && (keyNode as Scalar).type === "PLAIN") merged.push(...mergedEntries(value));
      else this.#addOnce(own, { key, at, value: value.at === null ? { ...value, at } : value }, path);
    }
    return [...own, ...merged.filter((entry, index) => isFirst(entry, index, own, merged))];
  }

  #addOnce(entries: GivenEntry[], entry: GivenEntry, path: string): void {
    const first = entries.find((other) => other.key === entry.key);
    if (first === undefined) entries.push(entry);
    else this.#problems.error(entry.at, path === "" ? entry.key : `${path}.${entry.key}`, duplicateMessage(entry.key, first));
  }

  #at(offset: number | undefined): Position | null {
    if (offset === undefined) return null;
    const { line, col } = this.#lines.linePos(offset);
    return line === 0 ? { line: 1, column: 1 } : { line, column: col };
  }
}

class TooMuch extends Error {
  readonly at: Position | null;
  constructor(message: string, at: Position | null) {
    super(message);
    this.at = at;
  }
}

/** "the key "target" stands here and in line 3 …": both places are named. */
export function duplicateMessage(key: string, first: GivenEntry): string {
  const same = first.key === key ? "" : ` (as "${first.key}")`;
  const where = first.at === null ? "" : ` in line ${first.at.line}`;
  return `the key "${key}" was given before${where}${same}; keep one of the two`;
}

/** `<<: *other` takes over what `other` has and the mapping itself does not. */
function mergedEntries(value: Given): readonly GivenEntry[] {
  if (value.kind === "map") return value.entries;
  return value.kind === "list" ? value.items.flatMap(mergedEntries) : [];
}

function isFirst(entry: GivenEntry, index: number, own: readonly GivenEntry[], merged: readonly GivenEntry[]): boolean {
  return !own.some((other) => other.key === entry.key) && merged.findIndex((other) => other.key === entry.key) === index;
}

function scalarOf(node: Scalar, at: Position | null): GivenScalar {
  const { value } = node;
  if (typeof value === "string" || typeof value === "boolean" || value === null) {
    return {
      kind: "scalar",
      value,
      text: value === null ? (node.source ?? "") : typeof value === "string" ? value : (node.source ?? String(value)),
      at,
    };
  }
  if (typeof value === "number") return { kind: "scalar", value, text: node.source ?? String(value), at };
  return { kind: "scalar", value: String(value), text: String(value), at };
}

function inWords(code: string, message: string): string {
  if (code === "TAB_AS_INDENT") return "a tab stands where YAML wants spaces; indent with spaces";
  if (code === "MULTIPLE_DOCS") return 'a second document begins here ("---"); keep one per file';
  return `this is not valid YAML: ${message}`;
}
