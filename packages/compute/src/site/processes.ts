import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** A process as the supervisor writes it down: a pid alone may belong to somebody else by now. */
export interface ProcessId {
  readonly pid: number;
  /** when it began, in the machine's own notation; null when that was not known */
  readonly start: string | null;
}

/** What tells this start of the machine from an earlier one; null where the machine does not say. */
export function readBootId(): string | null {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return process.platform === "darwin" ? runQuietly("sysctl", ["-n", "kern.bootsessionuuid"]) : null;
  }
}

const CHECK_AGAIN_AFTER_MS = 5000;
const LIST_AGAIN_AFTER_MS = 1000;

/** Says which processes of this machine are alive. A pid of an earlier boot, or given out again since, is not. */
export class ProcessTable {
  readonly bootId = readBootId();
  readonly #checked = new Map<number, { start: string | null; atMs: number }>();
  readonly #readsProc = runsOnProc();
  #listed: { starts: Map<number, string>; atMs: number } | undefined;

  isAlive(process: ProcessId, bootId: string | null): boolean {
    if (process.pid <= 0 || (bootId !== null && this.bootId !== null && bootId !== this.bootId)) return false;
    if (!answersSignals(process.pid)) {
      this.#checked.delete(process.pid);
      return false;
    }
    const nowMs = performance.now();
    const checked = this.#checked.get(process.pid);
    // Asking for a signal costs a microsecond, reading who it is ten: the second is done now and then.
    if (checked?.start === process.start && nowMs - checked.atMs < CHECK_AGAIN_AFTER_MS) return true;
    const start = this.#readsProc ? startFromProc(process.pid) : this.#startFromList(process.pid, nowMs);
    const isIt = start !== null && (process.start === null || process.start === start);
    if (isIt) this.#remember(process, nowMs);
    return isIt;
  }

  #remember(process: ProcessId, atMs: number): void {
    if (this.#checked.size > 100_000) this.#checked.clear();
    this.#checked.set(process.pid, { start: process.start, atMs });
  }

  #startFromList(pid: number, nowMs: number): string | null {
    if (this.#listed === undefined || nowMs - this.#listed.atMs > LIST_AGAIN_AFTER_MS) {
      this.#listed = { starts: parseProcessList(runQuietly("ps", ["-A", "-o", "pid=,state=,lstart="]) ?? ""), atMs: nowMs };
    }
    return this.#listed.starts.get(pid) ?? null;
  }
}

function answersSignals(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function runsOnProc(): boolean {
  return startFromProc(process.pid) !== null;
}

function startFromProc(pid: number): string | null {
  try {
    return parseProcStat(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return null;
  }
}

/** When the process of a `/proc/<pid>/stat` line began; null for a zombie. The command in parentheses may hold anything. */
export function parseProcStat(line: string): string | null {
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  const state = fields[0] ?? "";
  return state === "Z" || state === "X" ? null : (fields[19] ?? null);
}

/** Start times by pid from `ps -o pid=,state=,lstart=`, their words joined with `_`; zombies are left out. */
export function parseProcessList(text: string): Map<number, string> {
  const starts = new Map<number, string>();
  for (const line of text.split("\n")) {
    const [pid, state, ...start] = line.trim().split(/\s+/);
    if (pid && state && !/^[ZX]/.test(state)) starts.set(Number(pid), start.join("_"));
  }
  return starts;
}

function runQuietly(command: string, words: readonly string[]): string | null {
  try {
    return execFileSync(command, words, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return null;
  }
}
