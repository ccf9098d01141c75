import type { Findings } from "./finding.ts";
import { objectIn, Unreadable } from "./json.ts";
import { lookAtPython } from "./python.ts";
import { lookAtShell } from "./shell.ts";

/** Looks at the code cells of a notebook, as `lookAtPython` does. Throws Unreadable when it is none. */
export function lookAtNotebook(text: string, findings: Findings, targets: Set<string> = new Set()): void {
  const notebook = objectIn(text);
  if (!Array.isArray(notebook.cells)) throw new Unreadable("it has no list of cells, so it is no notebook that can be read (format 4)");
  const python: string[] = [];
  const places: { cell: number; line: number }[] = [];
  for (const [index, cell] of notebook.cells.entries()) {
    const { cell_type, source } = (cell ?? {}) as { cell_type?: unknown; source?: unknown };
    if (cell_type !== "code") continue;
    const code = Array.isArray(source) ? source.join("") : String(source ?? "");
    const lines = code.split("\n");
    const shell = /^%%(bash|sh|script)\b/.test(lines[0] ?? "");
    for (const [n, line] of lines.entries()) {
      places.push({ cell: index + 1, line: n + 1 });
      const magic = shell || /^\s*[%!]/.test(line);
      python.push(magic ? "" : line);
      if (shell || /^\s*!/.test(line)) lookAtShell(line.replace(/^\s*!/, ""), findings, `cell ${index + 1}: `, n);
    }
  }
  const before = findings.all.length;
  lookAtPython(python.join("\n"), findings, targets);
  for (let i = before; i < findings.all.length; i++) {
    const finding = findings.all[i]!;
    const place = places[(finding.line ?? 1) - 1];
    if (place) findings.all[i] = { ...finding, line: place.line, text: `cell ${place.cell}: ${finding.text}` };
  }
}
