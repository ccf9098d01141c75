/** What is said of one place of a project. */
export interface Finding {
  /** relative to the project */
  readonly file: string;
  /** counted from 1; of a notebook the line within its cell, which the text names */
  readonly line: number | null;
  readonly level: "works" | "differs" | "missing" | "broken";
  readonly text: string;
}

/** Makes findings of one file. */
export function findingsOf(file: string) {
  const all: Finding[] = [];
  return {
    all,
    add(level: Finding["level"], line: number | null, text: string): void {
      all.push({ file, line, level, text });
    },
  };
}
export type Findings = ReturnType<typeof findingsOf>;
