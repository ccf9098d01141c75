import { readFileSync } from "node:fs";

/** Hundredths of a second on the clock that `read_clock` of the supervisor's `process.sh` reads. */
export function readNodeClock(): number {
  try {
    const [seconds] = readFileSync("/proc/uptime", "utf8").split(" ");
    return Math.round(Number(seconds) * 100);
  } catch {
    return Math.floor(Date.now() / 1000) * 100;
  }
}
