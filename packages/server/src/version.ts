import { existsSync, readFileSync } from "node:fs";

/** The version of this program, from the package file beside or above its code. */
export const VERSION: string = readVersion();

function readVersion(): string {
  const file = new URL("../package.json", import.meta.url);
  if (!existsSync(file)) return "0.0.0";
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
