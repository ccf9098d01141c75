import { ComputeUnreachable, DiskFull, JobRejected } from "@switchyard/protocol";
import type { SshConnection } from "./connection.ts";

/** What a command of another machine complained about, in words for a person. Its messages are in English (LC_ALL=C). */
export function explainRemoteError(connection: SshConnection, folder: string, complaints: string, code: number | null): Error {
  const { name } = connection;
  const said = complaints.replace(/\s+/g, " ").trim().slice(0, 500);
  if (/no space left|disk quota exceeded|wrote only \d+ of \d+ bytes/i.test(said)) {
    return new DiskFull(
      `No space is left below ${folder} on ${name}. Free some space there, or attach it with a folder on a bigger disk. (${said})`,
    );
  }
  if (/read-only file system/i.test(said)) {
    return new DiskFull(
      `${folder} on ${name} lies on a disk that cannot be written. Mount it writable, or attach it with another folder. (${said})`,
    );
  }
  if (/file ?name too long/i.test(said)) {
    return new JobRejected(`A path in the snapshot is too long for the disk of ${name}. Shorten the names of folders or files. (${said})`);
  }
  if (/permission denied|operation not permitted/i.test(said)) {
    return new ComputeUnreachable(
      `No job can be placed below ${folder} on ${name}: ${said}. Give the account access to it, or attach it with another folder.`,
    );
  }
  const missing = /(?:^|\s)([a-z0-9]+): (?:command )?not found/i.exec(said)?.[1];
  if (missing !== undefined || code === 127) {
    return new ComputeUnreachable(`${name} has no "${missing ?? "command"}" on its PATH. Install it there. (${said})`);
  }
  return new ComputeUnreachable(
    `A command on ${name} ended with code ${code ?? "none"}: ${said || "it said nothing"}. Look at ${folder} there.`,
  );
}
