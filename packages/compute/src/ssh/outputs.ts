import { Conflict, JOB_LAYOUT, NotFound, PathEscape, RangeNotSatisfiable } from "@switchyard/protocol";
import type { OutputFile } from "../contract.ts";
import {
  behindLink,
  beyondEnd,
  collectedFolders,
  noPlainFile,
  noSuchOutput,
  requireCollected,
  shrank,
  whySkipped,
} from "../site/collected.ts";
import type { ByteReader } from "./byteReader.ts";
import type { Lookout } from "./lookout.ts";

const PIECE_BYTES = 1024 * 1024;
/** So many pieces are asked for at a time: an answer is on its way while the next one is read. */
const PIECES_AT_A_TIME = 4;
const MOST_JOB_FILE_BYTES = 16 * 1024 * 1024;
const MOST_REMEMBERED = 1000;

/** What jobs left on one machine, listed and read. */
export class RemoteOutputs {
  readonly #lookout: Lookout;
  readonly #folders = new Map<string, readonly string[]>();

  constructor(lookout: Lookout) {
    this.#lookout = lookout;
  }

  async list(directory: string, signal: AbortSignal): Promise<OutputFile[]> {
    const folders = (await this.#readFolders(directory, signal)).filter((folder) => !folder.includes("\n"));
    const question = `list ${folders.length}\n${directory}\n${folders.map((folder) => `${folder}\n`).join("")}`;
    const outputs = await this.#lookout.ask(question, (answer) => readList(answer, directory), signal);
    return outputs.sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  async *read(directory: string, path: string, from: number, signal: AbortSignal): AsyncIterable<Uint8Array> {
    const folders = this.#folders.get(directory) ?? (await this.#readFolders(directory, signal));
    requireCollected(path, folders);
    const size = await this.#sizeOf(directory, path, signal);
    if (from > size) throw new RangeNotSatisfiable(beyondEnd(path, from, size));
    let at = from;
    while (at < size) {
      const pieces = await readPieces(this.#lookout, rangesOf(`${directory}/${path}`, at, size), signal);
      for (const piece of pieces) {
        at += piece?.length ?? 0;
        if (piece === null || (piece.length < PIECE_BYTES && at < size)) throw new Conflict(shrank(path, size, at));
        yield piece;
      }
    }
  }

  async #readFolders(directory: string, signal: AbortSignal): Promise<readonly string[]> {
    const path = `${directory}/${JOB_LAYOUT.jobFile}`;
    const [text] = await readPieces(this.#lookout, [{ path, offset: 0, bytes: MOST_JOB_FILE_BYTES }], signal);
    const folders = collectedFolders(text ? text.toString("utf8") : null);
    if (this.#folders.size >= MOST_REMEMBERED) this.#folders.clear();
    this.#folders.set(directory, folders);
    return folders;
  }

  async #sizeOf(directory: string, path: string, signal: AbortSignal): Promise<number> {
    if (path.includes("\n")) throw new NotFound(noSuchOutput(path));
    const line = await this.#lookout.ask(`find\n${directory}\n${path}\n`, (answer) => answer.line(), signal);
    const [word = "", size = ""] = line.split(" ");
    switch (word) {
      case "size":
        return Number(size);
      case "none":
        throw new NotFound(noSuchOutput(path));
      case "behind":
        throw new PathEscape(behindLink(path));
      default:
        throw new PathEscape(noPlainFile(path));
    }
  }
}

function rangesOf(path: string, at: number, size: number): Range[] {
  return Array.from({ length: PIECES_AT_A_TIME }, (_, index) => at + index * PIECE_BYTES)
    .filter((offset) => offset < size)
    .map((offset) => ({ path, offset, bytes: Math.min(PIECE_BYTES, size - offset) }));
}

async function readList(answer: ByteReader, directory: string): Promise<OutputFile[]> {
  const outputs: OutputFile[] = [];
  const skip = (path: string, skipped: string) => outputs.push({ path, size: 0, modified: new Date(0), skipped });
  for (;;) {
    const line = await answer.line();
    const [word = "", ...rest] = line.split(" ");
    const text = line.slice(word.length + 1);
    if (word === "end") return outputs;
    if (word === "gone") throw new NotFound(`The job has left no directory: ${directory} does not exist.`);
    if (word === "denied") skip(text, "it cannot be read (permission denied)");
    else if (word === "odd") skip(text, "its name holds a control character");
    else if (text.includes("\uFFFD")) skip(rest.slice(3).join(" "), "its name is not UTF-8");
    else outputs.push(entryOf(rest));
  }
}

function entryOf([mode = "", size = "", changed = "", ...path]: readonly string[]): OutputFile {
  const skipped = whySkipped(Number.parseInt(mode, 16));
  return { path: path.join(" "), size: skipped === null ? Number(size) : 0, modified: new Date(Number(changed) * 1000), skipped };
}

/** A piece of a file of the other machine. */
export interface Range {
  readonly path: string;
  readonly offset: number;
  readonly bytes: number;
}

/** Reads pieces of files; shorter where a file has fewer bytes, empty where it is no plain file, null when it shrank just then. */
export function readPieces(lookout: Lookout, ranges: readonly Range[], signal: AbortSignal): Promise<(Buffer | null)[]> {
  const question = `read ${ranges.length}\n${ranges.map(({ path, offset, bytes }) => `${offset} ${bytes} ${path}\n`).join("")}`;
  return lookout.ask(
    question,
    async (answer) => {
      const pieces: (Buffer | null)[] = [];
      for (const _ of ranges) {
        const piece = await answer.bytes(Number((await answer.line()).slice("bytes ".length)));
        pieces.push((await answer.line()) === "whole" ? piece : null);
      }
      return pieces;
    },
    signal,
  );
}
