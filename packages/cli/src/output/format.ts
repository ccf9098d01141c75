import type { OutputFormat } from "../globals.ts";
import type { Paint } from "./paint.ts";

/** A result as text, with its line end. */
export async function format(value: unknown, as: OutputFormat, paint: Paint, cellWidth?: number): Promise<string> {
  switch (as) {
    case "json":
      return `${JSON.stringify(value ?? null, null, 2)}\n`;
    case "jsonc":
      return `${coloured(JSON.stringify(value ?? null, null, 2), paint)}\n`;
    case "table": {
      const { table } = await import("./table.ts");
      const text = isNothing(value) ? "" : table(value, { cellWidth });
      return text === "" ? "" : `${text}\n`;
    }
    case "tsv":
      return (await import("./tsv.ts")).tsv(value);
    case "yaml":
      return (await import("./yaml.ts")).toYaml(value);
  }
}

function isNothing(value: unknown): boolean {
  return value === null || value === undefined || (Array.isArray(value) && value.length === 0);
}

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

function coloured(json: string, paint: Paint): string {
  return json.replace(TOKEN, (token, text?: string, colon?: string) => {
    if (colon) return `${paint.blue(text!)}${colon}`;
    return text ? paint.green(text) : paint.yellow(token);
  });
}
