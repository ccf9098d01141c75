import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { SupportRow } from "./support.ts";

const path = (relative: string) => fileURLToPath(new URL(`../../../../${relative}`, import.meta.url));

/** The rows with what `python/azureml` of this repository has now. */
export async function lookedAt(rows: readonly SupportRow[]): Promise<SupportRow[]> {
  const python = spawn("python3", [path("scripts/azureml_support.py")], {
    env: { ...process.env, PYTHONPATH: path("python"), PYTHONWARNINGS: "ignore", PYTHONDONTWRITEBYTECODE: "1" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  python.stdin.end(JSON.stringify(rows));
  const [said, [code]] = await Promise.all([text(python.stdout), once(python, "close")]);
  if (code !== 0) throw new Error(`azureml_support.py ended with ${code}`);
  return JSON.parse(said) as SupportRow[];
}

/** The text of support.json: a row a line, so that a change is seen. */
export function renderSupport(rows: readonly SupportRow[]): string {
  const lines = rows.map((row) => `  ${JSON.stringify(row).replace(/,"/g, ', "').replace(/":/g, '": ')}`);
  return `[\n${lines.join(",\n")}\n]\n`;
}
