import type { Problem } from "@switchyard/protocol";

/** Problems of one severity as `file:line:column: message`, with the key that may be meant. */
export function problemLines(problems: readonly Problem[], severity: Problem["severity"]): string[] {
  return problems
    .filter((problem) => problem.severity === severity)
    .map(({ file, line, column, message, nearest }) => {
      const hint = nearest && !message.includes(nearest) ? ` Did you mean ${nearest}?` : "";
      return `${file}:${line}:${column}: ${message}${hint}`;
    });
}
