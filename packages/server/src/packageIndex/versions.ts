import { VENDOR_PACKAGES } from "@switchyard/protocol";

/** Releases of 2018 and 2019 counted their last number up, and there are no gaps here that somebody could ask for. */
const COUNTED = ["0.1", "1.0"];
const COUNTED_UP_TO = 100;
const PATCHES = ["0", "0.post1", "0.post2", "0.post3", "0.post4", "0.post5", "0.post6", "1", "1.post1", "2", "3"];

/** Every version that scripts may ask a package of the vendor for. */
export function versionsOf(name: string): string[] {
  const latest = VENDOR_PACKAGES[name]?.latest ?? "1.62.0";
  const [major = 1, minor = 0] = latest.split(".").map(Number);
  const counted = COUNTED.flatMap((start) => Array.from({ length: COUNTED_UP_TO }, (_, number) => `${start}.${number}`));
  const released: string[] = [];
  for (let upper = 1; upper <= Math.min(major, 8); upper += 1) {
    const last = upper === major ? minor : 99;
    for (let lower = 1; lower <= last; lower += 1) released.push(...PATCHES.map((patch) => `${upper}.${lower}.${patch}`));
    if (upper > 1) released.push(...PATCHES.map((patch) => `${upper}.0.${patch}`));
  }
  return [...new Set([...counted, ...released, latest])];
}
