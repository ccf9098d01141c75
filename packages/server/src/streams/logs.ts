import type { ArtifactStorage, RunFileStat } from "@switchyard/artifacts";
import { compareLogOrder, isLogPath, lastAttempt, statusOfRun } from "@switchyard/engine";
import { type LogChunk, NotFound, rankOfLog, TERMINAL_STATUSES } from "@switchyard/protocol";
import type { RunRecord, Store } from "@switchyard/store";
import type { EventsAnswer, ServerEvent } from "../http/handler.ts";
import type { ChangeFeed } from "./changeFeed.ts";
import { decodePositions, encodePositions, type LogPositions } from "./logPositions.ts";
import { decodeUtf8, wholeSequences } from "./utf8.ts";

/** Bytes of one event at most: a line of a gigabyte travels in pieces. */
const CHUNK_BYTES = 128 * 1024;
/** A look even when nothing was announced. */
const LOOK_MS = 2000;

/** Only these are listed at every look: outputs may be many. */
const LOG_FOLDERS = ["attempts/", "azureml-logs/", "logs/"];

export interface LogStreamParts {
  readonly store: Store;
  readonly artifacts: ArtifactStorage;
  readonly feed: ChangeFeed;
}

export interface LogStreamRequest {
  readonly runId: string;
  /** one file as people name it; all log files in reading order when absent */
  readonly file: string | null;
  readonly lastEventId: string | null;
  readonly signal: AbortSignal;
}

/** A log file and which attempt wrote it. */
interface LogFile extends RunFileStat {
  readonly attempt: number;
  /** below the attempt: `azureml-logs/80_driver_log.txt` */
  readonly name: string;
}

type Wanted = (file: LogFile) => boolean;

/** Sends what log files hold and will hold until the run has ended and all of it is sent. Bad requests fail before anything is sent. */
export async function openLogStream(parts: LogStreamParts, request: LogStreamRequest): Promise<EventsAnswer> {
  const positions = decodePositions(request.lastEventId);
  return follow(parts, request, positions, await wantedFiles(parts, request, positions));
}

async function* follow(
  { store, artifacts, feed }: LogStreamParts,
  { runId, signal }: LogStreamRequest,
  positions: LogPositions,
  wanted: Wanted,
): AsyncGenerator<ServerEvent> {
  const watch = feed.watchRun(runId);
  let told: string | null = null;
  try {
    while (!signal.aborted) {
      const run = await mustFind(store, runId); // before the files: what an ended run has is all there is
      const status = statusOfRun(run);
      if (status !== told) yield { event: "status", data: { status } };
      told = status;
      const ended = TERMINAL_STATUSES.has(status);
      for (const file of (await logFiles(artifacts, run)).filter(wanted)) yield* sendFile(artifacts, runId, file, positions, ended);
      if (ended) {
        yield { event: "end", data: { status } };
        return;
      }
      await watch.changed(LOOK_MS, signal);
    }
  } finally {
    watch.close();
  }
}

async function* sendFile(
  artifacts: ArtifactStorage,
  runId: string,
  file: LogFile,
  positions: LogPositions,
  isLast: boolean,
): AsyncGenerator<ServerEvent> {
  let offset = positions.get(file.path) ?? 0;
  while (offset < file.size) {
    const end = Math.min(offset + CHUNK_BYTES, file.size);
    const bytes = await readAll(artifacts.runFiles.read(runId, file.path, { start: offset, end }));
    const whole = isLast && end === file.size ? bytes.length : wholeSequences(bytes);
    if (whole === 0) return; // the rest of a character is still to come
    const chunk: LogChunk = { file: file.name, attempt: file.attempt, offset, text: decodeUtf8(bytes.subarray(0, whole)) };
    offset += whole;
    positions.set(file.path, offset);
    yield { event: "log", id: encodePositions(positions), data: chunk };
  }
}

/** Log files of all attempts, earlier attempts first, in the order a person reads them. */
async function logFiles(artifacts: ArtifactStorage, run: RunRecord): Promise<LogFile[]> {
  const newest = lastAttempt(run.attempts)?.number ?? 1;
  const listed = await Promise.all(LOG_FOLDERS.map((folder) => artifacts.runFiles.list(run.id, folder)));
  const logs = listed.flat().filter((stat) => isLogPath(stat.path));
  return logs
    .map((stat) => ({ ...stat, ...partsOf(stat.path, newest) }))
    .sort((a, b) => a.attempt - b.attempt || compareLogOrder(a.name, b.name));
}

function partsOf(storagePath: string, newest: number): { attempt: number; name: string } {
  const [, attempt, name] = /^attempts\/(\d+)\/(.*)$/s.exec(storagePath) ?? [];
  return attempt === undefined || name === undefined ? { attempt: newest, name: storagePath } : { attempt: Number(attempt), name };
}

/** Which files a request is about. One file by its plain name goes on with the next attempt, should there be one. */
async function wantedFiles(
  { store, artifacts }: LogStreamParts,
  { runId, file }: LogStreamRequest,
  positions: LogPositions,
): Promise<Wanted> {
  const run = await mustFind(store, runId);
  const files = await logFiles(artifacts, run);
  if (file === null) return (each) => isForReading(each.name);
  const ended = run.state === "ended";
  if (ended && !files.some((each) => each.name === file || each.path === file)) {
    throw new NotFound(`Run ${runId} has no log file "${file}". It has ${files.map((each) => each.name).join(", ") || "none"}.`);
  }
  const attempts = [...positions.keys()].map((path) => partsOf(path, 1).attempt);
  const first = Math.min(lastAttempt(run.attempts)?.number ?? 1, ...attempts);
  return (each) => each.path === file || (each.name === file && each.attempt >= first);
}

/**
 * Other watched folders are sent to who names a file of theirs; the process files are for programs. Of a distributed run
 * people follow rank 0: a hundred ranks at once are not for reading.
 */
function isForReading(name: string): boolean {
  if ((rankOfLog(name) ?? 0) > 0) return false;
  return /^(azureml-logs|logs)\//.test(name) && !/^azureml-logs\/process_\w+\.json$/.test(name) && !isBinaryName(name);
}

/** TensorBoard's files live in `logs/` and are not for reading. */
function isBinaryName(name: string): boolean {
  return /(^|\/)events\.out\.tfevents\.|\.(pt|pth|ckpt|npy|npz|h5|hdf5|pb|png|jpe?g|gz|zip|pkl|parquet|bin)$/i.test(name);
}

async function readAll(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const read: Uint8Array[] = [];
  for await (const piece of pieces) read.push(piece);
  return read.length === 1 && read[0] !== undefined ? read[0] : Buffer.concat(read);
}

async function mustFind(store: Store, runId: string): Promise<RunRecord> {
  const run = await store.runs.get(runId);
  if (run === undefined) throw new NotFound(`There is no run "${runId}".`);
  return run;
}
