// The pages of docs/guide, run as they stand: what a page tells a person to type is what the tests type.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Desk, PROGRAM } from "./desk.ts";
import { within } from "./wait.ts";

const GUIDE = resolve(import.meta.dirname, "../../docs/guide");

/** One line of a page's `sh` blocks. A comment "refused" says that it ends with an error. */
export interface GuideCommand {
  readonly line: string;
  readonly refused: boolean;
}

/** The commands of a page, in order: every line of its blocks marked `sh`. */
export function commandsOf(page: string): GuideCommand[] {
  return blocksOf(page, "sh")
    .flatMap((block) => block.split("\n"))
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => ({ line, refused: /#\s*refused\b/.test(line) }));
}

/** The blocks of a page that are marked with this language. */
export function blocksOf(page: string, language: string): string[] {
  const text = readFileSync(join(GUIDE, page), "utf8");
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, "gms"))].map((match) => match[1]!);
}

/** Runs one line in the shell of a desk, where `switchyard` is on the PATH. */
export async function typeAt(desk: Desk, line: string, seconds = 240): Promise<{ code: number | null; text: string }> {
  const bin = join(desk.place, "bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, "switchyard"), `#!/bin/sh\nexec "${process.execPath}" "${PROGRAM}" "$@"\n`);
  chmodSync(join(bin, "switchyard"), 0o755);
  const { SWITCHYARD_URL: _, VIRTUAL_ENV: __, CONDA_PREFIX: ___, ...env } = process.env;
  const child = spawn("sh", ["-c", line], {
    cwd: desk.project,
    env: { ...env, ...desk.variables, SWITCHYARD_HOME: desk.home, PATH: `${bin}:${env.PATH}` },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
    });
  }
  const [code] = await within(seconds, `${line} ends`, once(child, "close"));
  return { code, text };
}
