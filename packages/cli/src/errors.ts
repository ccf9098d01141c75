import { ERROR_CODES, type ErrorCode, SwitchyardError } from "@switchyard/protocol/errors";

/** How the program ends. The numbers are public: scripts act on them. */
export const EXIT = { done: 0, failed: 1, usage: 2, notFound: 3, unreachable: 4, interrupted: 130 } as const;

const EXIT_OF_CODE: Partial<Record<ErrorCode, number>> = {
  bad_request: EXIT.usage,
  unknown_target: EXIT.usage,
  path_escape: EXIT.usage,
  // refused when it was submitted: 1 would say that a run was made and failed
  job_rejected: EXIT.usage,
  not_implemented: EXIT.usage,
  environment_unusable: EXIT.usage,
  not_found: EXIT.notFound,
  server_unreachable: EXIT.unreachable,
  compute_unreachable: EXIT.unreachable,
};

/** A person pressed Ctrl-C where an answer was wanted. */
export class Interrupted extends SwitchyardError {}

/** The exit code for anything that was thrown. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof Interrupted) return EXIT.interrupted;
  return EXIT_OF_CODE[codeOf(error)] ?? EXIT.failed;
}

/** The public word for an error; `internal` for what nobody foresaw. */
export function codeOf(error: unknown): ErrorCode {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code !== "string") return "internal";
  return FILE_SYSTEM_CODES[code] ?? ERROR_CODES.find((known) => known === code) ?? "internal";
}

/** What the operating system says, in our words. */
const FILE_SYSTEM_CODES: Readonly<Record<string, ErrorCode>> = {
  ENOENT: "not_found",
  EACCES: "forbidden",
  EPERM: "forbidden",
  EROFS: "forbidden",
  ENOSPC: "disk_full",
  EDQUOT: "disk_full",
  ENOTDIR: "bad_request",
  EISDIR: "bad_request",
  ECONNREFUSED: "server_unreachable",
  ECONNRESET: "server_unreachable",
};

const FILE_SYSTEM_WORDS: Readonly<Record<string, string>> = {
  ENOENT: "it does not exist",
  EACCES: "this account may not read or write it",
  EPERM: "this account may not change it",
  EROFS: "its disk may only be read",
  ENOSPC: "the disk is full; free some space and try again",
  EDQUOT: "the disk quota is used up; free some space and try again",
  ENOTDIR: "a part of the path is not a folder",
  EISDIR: "it is a folder",
};

/** One paragraph for a person: what, why, way out. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return `Something threw ${String(error)}. This is a defect; run again with --debug and report it.`;
  const { code, path } = error as NodeJS.ErrnoException;
  const words = code === undefined ? undefined : FILE_SYSTEM_WORDS[code];
  if (words && path) return `Cannot use "${path}": ${words}.`;
  if (codeOf(error) === "internal" && !(error instanceof SwitchyardError)) {
    return `${error.message || error.name} (not foreseen; run again with --debug for the details)`;
  }
  return error.message;
}
