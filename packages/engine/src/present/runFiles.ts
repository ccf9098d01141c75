import type { ArtifactStorage, RunFileStat } from "@switchyard/artifacts";
import { ATTEMPT_LAYOUT, isLog, NotFound, type RunFile } from "@switchyard/protocol";
import { nearest } from "../nearest.ts";

const ATTEMPT_PREFIX = /^attempts\/(\d+)\/(.*)$/s;

/** Where a growing file of an attempt lies among a run's files. */
export function storagePathOf(attempt: number, file: string): string {
  return `attempts/${attempt}/${file}`;
}

/** The path people see: files of the last attempt go without the attempt; null for what nobody needs to see. */
export function publicPathOf(storagePath: string, lastAttempt: number): string | null {
  const match = ATTEMPT_PREFIX.exec(storagePath);
  if (match === null) return storagePath;
  const [, attempt, file] = match as unknown as [string, string, string];
  if (file === ATTEMPT_LAYOUT.events) return null;
  return Number(attempt) === lastAttempt ? file : storagePath;
}

/** Files of a run as people see them: by path, log files in the order a person reads them first. */
export async function listFiles(artifacts: ArtifactStorage, runId: string, lastAttempt: number, prefix = ""): Promise<RunFile[]> {
  const seen = new Map<string, RunFile>();
  for (const stat of await artifacts.runFiles.list(runId)) {
    const path = publicPathOf(stat.path, lastAttempt);
    if (path?.startsWith(prefix)) seen.set(path, toRunFile(path, stat));
  }
  return [...seen.values()].sort((a, b) => compareLogOrder(a.path, b.path));
}

/** Where the file that people see at `publicPath` lies; NotFound names the nearest file when there is none. */
export async function resolveFile(artifacts: ArtifactStorage, runId: string, lastAttempt: number, publicPath: string): Promise<string> {
  const ofLastAttempt = storagePathOf(lastAttempt, publicPath);
  for (const path of [publicPath, ofLastAttempt]) {
    if (await artifacts.runFiles.stat(runId, path)) return path;
  }
  const known = (await listFiles(artifacts, runId, lastAttempt)).map((file) => file.path);
  const near = nearest(publicPath, known);
  throw new NotFound(`Run ${runId} has no file "${publicPath}".${near === null ? "" : ` The nearest is "${near}".`}`, {
    details: { nearest: near },
  });
}

/** The log files of a run by the paths people see, in the order a person reads them. */
export async function listLogs(artifacts: ArtifactStorage, runId: string, lastAttempt: number): Promise<string[]> {
  const stored = (await artifacts.runFiles.list(runId)).map((stat) => stat.path).filter(isLogPath);
  return stored.flatMap((path) => publicPathOf(path, lastAttempt) ?? []).sort(compareLogOrder);
}

/** True for stored files that are logs a person may read: what attempts sent, and what a run without a machine put there. */
export function isLogPath(storagePath: string): boolean {
  const file = ATTEMPT_PREFIX.exec(storagePath)?.[2];
  return file === undefined ? /^(azureml-logs|logs)\//.test(storagePath) : isLog(file);
}

/** `azureml-logs/` by their numbers, then `logs/`, then all else; earlier attempts after the last. Rank 10 comes after rank 9. */
export function compareLogOrder(a: string, b: string): number {
  return rank(a) - rank(b) || compare(withWideNumbers(a), withWideNumbers(b)) || compare(a, b);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const withWideNumbers = (path: string): string => path.replace(/\d+/g, (digits) => digits.padStart(12, "0"));

function rank(path: string): number {
  if (path.startsWith("attempts/")) return 3;
  if (path.startsWith("azureml-logs/")) return 0;
  return path.startsWith("logs/") ? 1 : 2;
}

function toRunFile(path: string, stat: RunFileStat): RunFile {
  return { path, size: stat.size, modifiedUtc: stat.modified.toISOString(), sha256: stat.sha256 };
}
