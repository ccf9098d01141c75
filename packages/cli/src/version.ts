import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The version of this program: that of the package it lies in, in the repository and in the packed tarball alike. */
export const VERSION: string = (
  JSON.parse(readFileSync(fileURLToPath(new URL("../package.json", import.meta.url)), "utf8")) as { version: string }
).version;
