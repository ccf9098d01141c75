import { BadRequest, type RunConfiguration } from "@switchyard/protocol";
import { nearest } from "../nearest.ts";
import type { SnapshotFolders } from "../snapshots/folders.ts";

const MOST_CANDIDATES = 5000;

/** Refuses a run whose script is not a file of its snapshot; the error names the nearest file. */
export async function checkScript(configuration: RunConfiguration, root: string | null, folders: SnapshotFolders): Promise<void> {
  const script = configuration.script;
  if (hasCommand(configuration)) return;
  if (!script) throw new BadRequest("The run configuration names no script: set `script` to a file of the folder, or `command`.");
  if (leadsOutside(script)) {
    throw new BadRequest(`The script "${script}" is outside the folder that is submitted. Name it by its path inside the folder.`);
  }
  if (root === null) throw new BadRequest(`The script "${script}" needs a snapshot of its folder, and the submission has none.`);
  const path = normalised(script);
  const entry = await folders.find(root, path);
  if (entry?.kind === "file" || entry?.kind === "link") return;
  if (entry?.kind === "folder") throw new BadRequest(`The script "${script}" is a folder. Name a file in it.`);
  const near = nearest(path, await filesOf(root, folders));
  const guess = near === null ? "Check the name, and that no ignore file leaves it out." : `Did you mean "${near}"?`;
  throw new BadRequest(`There is no script "${script}" in the folder that is submitted. ${guess}`, { details: { script, nearest: near } });
}

export function hasCommand(configuration: RunConfiguration): boolean {
  const { command } = configuration;
  return Array.isArray(command) ? command.length > 0 : typeof command === "string" && command.trim() !== "";
}

function leadsOutside(path: string): boolean {
  return path.startsWith("/") || /^[A-Za-z]:[\\/]/.test(path) || normalised(path) === ".." || normalised(path).startsWith("../");
}

function normalised(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else parts.push(part);
  }
  return parts.join("/");
}

async function filesOf(root: string, folders: SnapshotFolders): Promise<string[]> {
  const files: string[] = [];
  for await (const { path, entry } of folders.walk(root)) {
    if (entry.kind === "file") files.push(path);
    if (files.length >= MOST_CANDIDATES) break;
  }
  return files;
}
