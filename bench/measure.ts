// What all benchmarks share: figures with their bars, medians, and the use of a process.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** One measured figure. `bar` is what the project asks of it; a baseline has none. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly bar?: { readonly atMost?: number; readonly atLeast?: number };
}

export interface Benchmark {
  readonly name: string;
  run(): Promise<readonly Figure[]>;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

export async function seconds(work: () => Promise<unknown> | unknown): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

/** Resident memory of a process in MB; `peak` is the highest so far (Linux). */
export function memoryOf(pid: number): { now: number; peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const kilobytes = (key: string) => Number(new RegExp(`${key}:\\s+(\\d+)`).exec(status)?.[1] ?? Number.NaN);
  return { now: kilobytes("VmRSS") / 1024, peak: kilobytes("VmHWM") / 1024 };
}

/** CPU seconds that all processes whose command line contains `part` have used so far (Linux). */
export function cpuSecondsOf(part: string): number {
  const lines = execFileSync("ps", ["-eo", "cputimes=,args=", "-ww"], { encoding: "utf8", maxBuffer: 64 << 20 }).split("\n");
  return lines.filter((line) => line.includes(part)).reduce((sum, line) => sum + Number.parseInt(line, 10), 0);
}

/** CPU seconds of one process, its waited-for children not included, from its clock ticks. */
export function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

export function meetsBar({ value, bar }: Figure): boolean | null {
  if (!bar) return null;
  return (bar.atMost === undefined || value <= bar.atMost) && (bar.atLeast === undefined || value >= bar.atLeast);
}
