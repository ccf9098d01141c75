import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** Does `work` while no other process of this machine does it under the same `path`. A lock whose process is gone is broken. */
export async function withLock<T>(path: string, seconds: number, work: () => Promise<T>): Promise<T> {
  const holder = `${path}/pid`;
  for (const end = Date.now() + seconds * 1000; !take(path, holder); await sleep(100)) {
    if (Date.now() > end) throw new Error(`Waited ${seconds} s in vain for the lock ${path}, held by process ${readHolder(holder)}.`);
  }
  try {
    return await work();
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
}

function take(path: string, holder: string): boolean {
  try {
    mkdirSync(path);
    writeFileSync(holder, String(process.pid));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  const pid = readHolder(holder);
  if (pid !== null && !isAlive(pid)) rmSync(path, { recursive: true, force: true });
  return false;
}

/** null in the moment between the folder and its file */
function readHolder(holder: string): number | null {
  try {
    return Number(readFileSync(holder, "utf8")) || null;
  } catch {
    return null;
  }
}

/** Does a process of this number exist? */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
