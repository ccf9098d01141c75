import { JOB_LAYOUT, jobFile, PathEscape } from "@switchyard/protocol";

/** What a script handed over by name comes home whatever the run says about its output folders. */
const HANDED_OVER = [JOB_LAYOUT.uploads, JOB_LAYOUT.children, JOB_LAYOUT.dataOutputs];

/** The folders that come home, relative to the job directory. `jobText`: its job.json; null when it cannot be read. */
export function collectedFolders(jobText: string | null): readonly string[] {
  return [...new Set([...askedFor(jobText).filter(isInside), ...HANDED_OVER])];
}

/** Scripts can damage what lies beside their code: then the usual folders come home, for a run must not wait for ever. */
function askedFor(jobText: string | null): readonly string[] {
  try {
    return jobFile.pick({ collect: true }).parse(JSON.parse(jobText ?? "")).collect;
  } catch {
    return [JOB_LAYOUT.outputs, JOB_LAYOUT.checkpoints];
  }
}

const isInside = (path: string): boolean =>
  !path.includes("\0") && path.split("/").every((part) => part !== "" && part !== "." && part !== "..") && !path.startsWith(JOB_LAYOUT.own);

/** Throws unless the path is named as one below a folder that comes home. */
export function requireCollected(path: string, folders: readonly string[]): void {
  if (!isInside(path) || !folders.some((folder) => path === folder || path.startsWith(`${folder}/`))) {
    throw new PathEscape(`"${path}" is not below a folder that is brought home (${folders.join(", ") || "there is none"}).`);
  }
}

/** Why what is no plain file is not brought home; null for a plain file. */
export function whySkipped(mode: number): string | null {
  switch (mode & 0o170000) {
    case 0o100000:
      return null;
    case 0o120000:
      return "it is a symbolic link; only files are brought home";
    case 0o140000:
      return "it is a socket";
    case 0o010000:
      return "it is a named pipe";
    default:
      return "it is a device";
  }
}

export const noSuchOutput = (path: string): string => `The job has no output "${path}".`;
export const noPlainFile = (path: string): string => `"${path}" is not a plain file, so it cannot be read.`;
export const behindLink = (path: string): string => `"${path}" lies behind a symbolic link, so it is not read.`;
export const beyondEnd = (path: string, from: number, size: number): string =>
  `"${path}" has ${size} bytes, so it cannot be read from byte ${from}. It may have shrunk.`;
export const shrank = (path: string, from: number, to: number): string =>
  `"${path}" shrank from ${from} to ${to} bytes while it was read. Read it again from its start.`;
