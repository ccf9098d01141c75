/** What a log's last lines say about an end, in one line, and what a person can do about it. */
export interface Cause {
  readonly summary: string | null;
  readonly hints: readonly string[];
}

const TRACEBACK = "Traceback (most recent call last):";
const ERROR_LINE = /^(?:[A-Za-z_][\w.]*\.)?([A-Z]\w*(?:Error|Exception|Exit|Interrupt|Warning|Iteration)|KeyboardInterrupt)\b(:.*)?$/;

/** The error of the last Python traceback in these lines: its last line names it. */
export function pythonError(lines: readonly string[]): string | null {
  const start = lines.lastIndexOf(TRACEBACK);
  const from = start === -1 ? 0 : start + 1;
  const candidates = lines.slice(from).filter((line) => !/^\s/.test(line));
  if (start !== -1) return candidates.find((line) => ERROR_LINE.test(line) || /^\w[\w.]*: /.test(line)) ?? null;
  return candidates.findLast((line) => ERROR_LINE.test(line) && !/Warning/.test(line)) ?? null;
}

/** What a Python error suggests. */
export function hintsForPythonError(error: string): string[] {
  const module = /^(?:ModuleNotFoundError|ImportError): No module named '([^']+)'/.exec(error)?.[1];
  if (module !== undefined) {
    return [
      `Add the package that has "${module}" to the conda dependencies, or install it into the interpreter of a user-managed environment.`,
    ];
  }
  if (/^FileNotFoundError/.test(error)) {
    return ["Paths are relative to the submitted folder; check that no ignore file leaves the file out (`switchyard snapshot --dry-run`)."];
  }
  if (/^MemoryError|CUDA out of memory|OutOfMemoryError/.test(error))
    return ["The script ran out of memory: try a smaller batch, or a bigger machine."];
  if (/No space left on device/.test(error)) return ["The compute's disk is full: free some space, then submit the run again."];
  return [];
}

const BUILD_ERRORS = [
  /^ERROR: (No matching distribution found for .*)$/,
  /^ERROR: (Could not find a version that satisfies the requirement .*)$/,
  /^(?:ERROR|error): (.*)$/,
  /^(ResolvePackageNotFound.*|PackagesNotFoundError.*|LibMambaUnsatisfiableError.*|UnsatisfiableError.*|CondaError.*|CondaHTTPError.*)$/,
  /^(?:critical libmamba|error {4}libmamba) (.*)$/,
  /^ {0,2}(?:×|╰─▶) (.*)$/,
  /^(.*(?:nothing provides|does not exist|not found).*)$/,
];

/** The line of an environment's build log that says why it failed. */
export function buildError(lines: readonly string[]): string | null {
  for (const pattern of BUILD_ERRORS) {
    for (const line of lines.toReversed()) {
      const found = pattern.exec(line)?.[1];
      if (found) return found.trim();
    }
  }
  return lines.at(-1) ?? null;
}

const SIGNAL_HINTS: Readonly<Record<string, string>> = {
  KILL: "A KILL that nobody asked for is most often the kernel's when memory ran out: try a smaller batch, or a machine with more memory.",
  SEGV: "The process touched memory that is not its own: most often a native library that does not fit the others.",
  BUS: "A bus error is often a full shared memory: for data loaders use fewer workers.",
  ABRT: "The process aborted itself: a native library met what it cannot handle; its last lines tell more.",
  ILL: "The machine's processor lacks an instruction that a library was built for.",
  TERM: "Something on the machine asked the process to stop: a shutdown, a scheduler, or a person.",
};

/** What a signal suggests. */
export function hintsForSignal(signal: string): string[] {
  const hint = SIGNAL_HINTS[signal.replace(/^SIG/, "")];
  return hint === undefined ? [] : [hint];
}
