/** The code of an error of the operating system, such as `ENOENT`; null for any other error. */
export function systemCode(error: unknown): string | null {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null;
}

const WORDS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "not permitted",
  EIO: "the disk reports an error",
  ENAMETOOLONG: "its path is too long",
  ELOOP: "too many symbolic links",
  ESTALE: "the network disk lost it",
};

/** An error of the operating system in words, short enough to stand in a list. */
export function inWords(error: unknown): string {
  const code = systemCode(error);
  return code === null ? String(error) : (WORDS[code] ?? code);
}
