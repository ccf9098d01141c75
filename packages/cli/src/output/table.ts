import Table from "cli-table3";
import { cell } from "./cell.ts";

const PLAIN = Object.fromEntries(
  ["top", "top-mid", "top-left", "top-right", "bottom", "bottom-mid", "bottom-left", "bottom-right"]
    .concat(["left", "left-mid", "mid", "mid-mid", "right", "right-mid"])
    .map((part) => [part, ""]),
);
const STYLE = { "padding-left": 0, "padding-right": 0, head: [], border: [], compact: true };

interface TableOptions {
  /** the widest a cell may be */
  readonly cellWidth?: number | undefined;
  /** the keys of the rows are the headings as they are, such as ids of runs */
  readonly headingsAsGiven?: boolean;
}

/** Rows under their headings, as `-o table` and a terminal show a list; an object becomes one row. */
export function table(value: unknown, { cellWidth, headingsAsGiven = false }: TableOptions = {}): string {
  const rows = Array.isArray(value) ? value : [value];
  if (rows.length === 0) return "";
  const columns = columnsOf(rows);
  const grid = new Table({ chars: { ...PLAIN, middle: "  " }, style: STYLE });
  const texts = rows.map((row) => columns.map((column) => cell(valueAt(row, column), cellWidth)));
  const widths = columns.map((column, i) => Math.max(column.length, ...texts.map((row) => row[i]!.length)));
  grid.push(
    headingsAsGiven ? columns : columns.map(heading),
    widths.map((width) => "-".repeat(width)),
    ...texts,
  );
  return trimmed(grid.toString());
}

/** Names and values below each other, as a terminal shows one thing. Empty values are left out. */
export function listing(fields: readonly (readonly [name: string, value: unknown])[]): string {
  const shown = fields.filter(([, value]) => cell(value) !== "");
  const width = Math.max(...shown.map(([name]) => name.length), 0);
  return shown.map(([name, value]) => `${name.padEnd(width)}  ${indented(value, width + 2)}`).join("\n");
}

function indented(value: unknown, by: number): string {
  if (typeof value !== "string") return cell(value, 2000);
  return value.split("\n").join(`\n${" ".repeat(by)}`);
}

/** Every key of the rows, in the order they first appear; a row that is no object has one column. */
function columnsOf(rows: readonly unknown[]): string[] {
  const columns = new Set<string>();
  for (const row of rows) {
    if (Array.isArray(row)) for (const i of row.keys()) columns.add(`Column${i + 1}`);
    else if (row !== null && typeof row === "object") for (const key of Object.keys(row)) columns.add(key);
    else columns.add("Result");
  }
  return [...columns];
}

function valueAt(row: unknown, column: string): unknown {
  if (Array.isArray(row)) return row[Number(column.slice("Column".length)) - 1];
  if (row !== null && typeof row === "object") return (row as Record<string, unknown>)[column];
  return row;
}

/** `runId` is headed `RunId`, as az writes it. */
function heading(key: string): string {
  return key.charAt(0).toUpperCase() + key.slice(1);
}

function trimmed(text: string): string {
  return text
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}
