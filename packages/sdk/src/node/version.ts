import { readFileSync } from "node:fs";

/** The version of this program; the build writes it into the bundle, in the repository it is the package's. */
export const VERSION: string = process.env.SWITCHYARD_VERSION ?? readVersion();

function readVersion(): string {
  return (JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string }).version;
}
