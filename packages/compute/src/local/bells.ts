import { type FSWatcher, mkdirSync, readdirSync, statSync, watch } from "node:fs";
import { join } from "node:path";

const POLL_MS = 1000;

/**
 * Calls `wake` with the name of every bell that is touched. Where the folder cannot be watched (too many watchers, a
 * network disk) it is read every second instead. Returns how to stop.
 */
export function listenToBells(folder: string, wake: (jobId: string) => void): () => void {
  const rung = new Set<string>();
  const ring = (jobId: string) => {
    // One event writes a file several times: one call for all of them.
    if (rung.size === 0) setImmediate(() => {
      for (const each of rung) wake(each);
      rung.clear();
    }); // biome-ignore format: one thing
    rung.add(jobId);
  };
  let stop: () => void = () => {};
  const poll = () => {
    stop = pollFolder(folder, ring);
  };
  try {
    mkdirSync(folder, { recursive: true });
    const watcher: FSWatcher = watch(folder, { persistent: false }, (_event, name) => {
      if (name !== null) ring(name);
    });
    stop = () => watcher.close();
    watcher.once("error", () => {
      watcher.close();
      poll();
    });
  } catch {
    poll();
  }
  return () => stop();
}

function pollFolder(folder: string, ring: (jobId: string) => void): () => void {
  let before = readBells(folder);
  const timer = setInterval(() => {
    const now = readBells(folder);
    for (const [name, touched] of now) if (before.get(name) !== touched) ring(name);
    before = now;
  }, POLL_MS);
  timer.unref();
  return () => clearInterval(timer);
}

function readBells(folder: string): Map<string, number> {
  try {
    return new Map(readdirSync(folder).map((name) => [name, statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0]));
  } catch {
    return new Map();
  }
}
