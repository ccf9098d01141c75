import { rmSync } from "node:fs";
import { z } from "zod";
import { type Home, readIfThere, replaceFile } from "./home.ts";

const serverFile = z.object({ pid: z.int(), url: z.string(), version: z.string(), instance: z.string(), startedUtc: z.iso.datetime() });

/** `server.json`: where the server of a home listens. There only while it does, unless the server was killed. */
export type ServerFile = z.infer<typeof serverFile>;

export function readServerFile(home: Home): ServerFile | null {
  const text = readIfThere(home.serverFile);
  if (text === null) return null;
  try {
    return serverFile.parse(JSON.parse(text));
  } catch {
    return null; // of another version, or damaged: as good as none
  }
}

export function writeServerFile(home: Home, file: ServerFile): void {
  replaceFile(home.serverFile, `${JSON.stringify(file)}\n`, 0o644);
}

export function removeServerFile(home: Home): void {
  rmSync(home.serverFile, { force: true });
}
