import { withoutControls } from "./cell.ts";

/**
 * Tab-separated values as az writes them: a line per item, no headings, null as `None`, a list as its length and an
 * object as nothing, so that every line has as many columns. Tabs and line ends inside a text become spaces.
 */
export function tsv(value: unknown): string {
  if (value === null || value === undefined) return "";
  return (Array.isArray(value) ? value : [value]).map((row) => `${line(row)}\n`).join("");
}

function line(row: unknown): string {
  if (Array.isArray(row)) return row.map(field).join("\t");
  if (row !== null && typeof row === "object") return Object.values(row).map(field).join("\t");
  return typeof row === "boolean" ? String(row) : field(row);
}

function field(value: unknown): string {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return String(value.length);
  return typeof value === "object" ? "" : withoutControls(String(value));
}
