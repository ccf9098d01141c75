import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SHARED_FOLDER_VARIABLE, stopEngine } from "./engine.ts";

/** Vitest's global set-up: a folder in which all test files of one run find the same engines, which end with the run. */
export default function shareEngines(): () => Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "sy-engines-"));
  writeFileSync(join(folder, "owner"), String(process.pid));
  process.env[SHARED_FOLDER_VARIABLE] = folder;
  return async () => {
    await stopEngine(join(folder, "docker"));
    rmSync(folder, { recursive: true, force: true });
  };
}
