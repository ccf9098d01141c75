/** Where something stands in a text, both counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** What is wrong with one place of a file that a person wrote. */
export interface ConfigurationProblem {
  readonly severity: "error" | "warning";
  readonly file: string;
  /** null when the content came as JSON values, not as text */
  readonly line: number | null;
  readonly column: number | null;
  /** `environment.python.interpreterPath`, `arguments[2]`; empty for the whole file */
  readonly path: string;
  /** for a person; begins with the path */
  readonly message: string;
  /** the valid key or word that was probably meant */
  readonly nearest?: string;
}

/** `node_count`, `NodeCount` and `nodeCount` are one key. */
export function folded(name: string): string {
  return name.toLowerCase().replaceAll("_", "");
}

/** Gathers the problems of one file, so that a person sees all of them at once. */
export class Problems {
  readonly file: string;
  readonly #found: ConfigurationProblem[] = [];

  constructor(file: string) {
    this.file = file;
  }

  error(at: Position | null, path: string, message: string, nearest?: string | null): void {
    this.#add("error", at, path, message, nearest);
  }

  warning(at: Position | null, path: string, message: string, nearest?: string | null): void {
    this.#add("warning", at, path, message, nearest);
  }

  /** In the order of the file; what has no place comes last. */
  get all(): readonly ConfigurationProblem[] {
    return [...this.#found].sort((a, b) => order(a) - order(b));
  }

  get hasErrors(): boolean {
    return this.#found.some((problem) => problem.severity === "error");
  }

  /** Whether something was said about exactly this path, however its keys were written. */
  names(path: string): boolean {
    return this.#found.some((problem) => folded(problem.path) === folded(path));
  }

  #add(severity: "error" | "warning", at: Position | null, path: string, message: string, nearest?: string | null): void {
    const place = { file: this.file, line: at?.line ?? null, column: at?.column ?? null, path };
    const whole = path === "" ? message : `${path}: ${message}`;
    this.#found.push({ severity, ...place, message: whole, ...(nearest ? { nearest } : {}) });
  }
}

function order(problem: ConfigurationProblem): number {
  return problem.line === null ? Number.MAX_SAFE_INTEGER : problem.line * 100_000 + (problem.column ?? 0);
}

/** One line for a terminal: `local.runconfig:7:3: warning: environment.pyton: unknown key …; did you mean "python"?` */
export function formatProblem(problem: ConfigurationProblem): string {
  const place = [problem.file, problem.line, problem.column].filter((part) => part !== null && part !== "").join(":");
  return `${place}: ${problem.severity}: ${problem.message}`;
}
