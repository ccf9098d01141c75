import type { SwitchyardError } from "@switchyard/protocol/errors";
import { COMMANDS } from "../commands/index.ts";
import { messageOf } from "../errors.ts";
import { resolve } from "../resolve.ts";
import type { Findings } from "./finding.ts";

/** Looks at the commands `az ml …` of a shell text; `first` is the line, from 0, that the text begins on. */
export function lookAtShell(text: string, findings: Findings, where = "", first = 0): void {
  const lines = text.split("\n");
  for (let i = 0; i < lines.length; i++) {
    const line = i;
    let whole = lines[i]!;
    while (whole.endsWith("\\") && i + 1 < lines.length) whole = `${whole.slice(0, -1)} ${lines[++i]}`;
    for (const match of whole.replace(/^\s*#.*/, "").matchAll(/(?<![\w-])az\s+((?:-\S+\s+)*ml\s+[^|;&)`]*)/g)) {
      sayOf(match[1]!.trim(), line + first + 1, findings, where);
    }
  }
}

function sayOf(command: string, line: number, findings: Findings, where: string): void {
  const words = command.split(/\s+/).map((word) => word.replace(/^(["'])(.*)\1$/, "$2"));
  try {
    const found = resolve(words, Object.keys(COMMANDS));
    const name = found.kind === "command" ? found.name : "ml";
    findings.add("works", line, `${where}az ml ${name === "ml" ? "--help" : name}`);
  } catch (error) {
    const feature = (error as Partial<SwitchyardError>).details?.feature;
    findings.add("missing", line, `${where}az ${command.slice(0, 60)}: ${feature ? `${feature}: not in this version` : messageOf(error)}`);
  }
}
