/** Which Python a specification of conda's package `python` asks for, as far as any tool but conda can follow. */
export type PythonPin =
  | { readonly python: string | null; readonly whyNot: null } // `3.11`, `3.11.4`, or null: any will do
  | { readonly python: null; readonly whyNot: string };

/** Every machine has at least this Python 3, so that a lower bound up to it says nothing. */
const OLDEST_MINOR = 8;

/** Reads the version of `python=3.11`, `python==3.11.4`, `python 3.11.*`, `python>=3.8`. */
export function pythonPin(version: string | null): PythonPin {
  if (version === null) return { python: null, whyNot: null };
  const exact = /^={1,2}(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:\.?\*)?$/.exec(version);
  if (exact !== null) {
    const parts = exact.slice(1).filter((part) => part !== undefined);
    return { python: parts.length === 1 && parts[0] === "3" ? null : parts.join("."), whyNot: null };
  }
  const lowest = /^>=?3(?:\.(\d+))?(?:\.\d+)?(?:\.\*)?$/.exec(version);
  if (lowest !== null && Number(lowest[1] ?? 0) <= OLDEST_MINOR) return { python: null, whyNot: null };
  return { python: null, whyNot: `python${version} leaves the version open; pin one, like python=3.11` };
}
