import type { JsonObject, JsonValue } from "../json.ts";

/** The text that Python's `str` makes of a number: `1.0`, `1e-05`, `0.1`; whole ones without a point when they are no floats. */
export function pythonNumber(value: number, isFloat: boolean): string {
  if (!isFloat) return Object.is(value, -0) ? "0" : integerText(value);
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const [digits, exponent] = digitsOf(Math.abs(value));
  if (value === 0) return `${sign}0.0`;
  return sign + (exponent < -4 || exponent >= 16 ? scientific(digits, exponent) : positional(digits, exponent));
}

/** What Python's `str` makes of a JSON value. Inside lists and mappings texts stand in quotes, as Python shows them. */
export function pythonText(value: JsonValue): string {
  return typeof value === "string" ? value : pythonRepr(value);
}

function pythonRepr(value: JsonValue): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number") return pythonNumber(value, !Number.isInteger(value));
  if (typeof value === "string") return quoted(value);
  if (Array.isArray(value)) return `[${value.map(pythonRepr).join(", ")}]`;
  const entries = Object.entries(value as JsonObject);
  if (entries.length === 1 && entries[0]![0] === "float" && typeof entries[0]![1] === "number") return pythonNumber(entries[0]![1], true);
  return `{${entries.map(([key, inner]) => `${quoted(key)}: ${pythonRepr(inner)}`).join(", ")}}`;
}

function quoted(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\r", "\\r").replaceAll("\t", "\\t");
  return mark + escaped.replaceAll(mark, `\\${mark}`) + mark;
}

function integerText(value: number): string {
  return Number.isInteger(value) ? BigInt(value).toString() : String(value);
}

/** The shortest digits that mean this number, and the power of ten of the first one. */
function digitsOf(value: number): readonly [string, number] {
  const [mantissa, exponent] = value.toExponential().split("e");
  return [mantissa!.replace(".", ""), Number(exponent)];
}

function scientific(digits: string, exponent: number): string {
  const mantissa = digits.length === 1 ? digits : `${digits[0]}.${digits.slice(1)}`;
  return `${mantissa}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

function positional(digits: string, exponent: number): string {
  if (exponent < 0) return `0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  return `${whole}.${digits.slice(exponent + 1) || "0"}`;
}
