import { existsSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { destination, type Logger, pino } from "pino";
import type { Home } from "./home/home.ts";

const ROTATE_BYTES = 10 * 1024 * 1024;

/** Wherever such a field turns up in what is logged, its value does not. */
const SECRET_FIELDS = ["authorization", "token", "secret", "password", "cookie"];

/**
 * The server's log: JSON lines on standard error or in `<home>/logs/server.log`. Written in this thread, so that a kill
 * loses no line and the program stays one file; a disk that is full costs lines, not the server.
 */
export function openLog(home: Home, level: string, to: "stderr" | "file"): Logger {
  const target = to === "file" ? rotated(join(home.logs, "server.log")) : 2;
  const out = destination({ dest: target, sync: true, append: true });
  out.on("error", () => undefined);
  const paths = SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]);
  return pino({ level, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime, redact: { paths, censor: "(secret)" } }, out);
}

/** A log that has grown large makes room for a new one; the one before is kept. */
function rotated(file: string): string {
  if (existsSync(file) && statSync(file).size > ROTATE_BYTES) renameSync(file, `${file}.1`);
  return file;
}
