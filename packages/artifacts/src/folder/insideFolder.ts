import { mkdir, realpath } from "node:fs/promises";
import { dirname } from "node:path";
import { PathEscape } from "@switchyard/protocol";
import { isCode } from "./diskErrors.ts";

/**
 * Makes the folder that a file lies in, if asked, and checks that no link on the way leads elsewhere. The file itself
 * is opened without following links by whoever opens it.
 */
export async function checkFolderOf(path: string, options: { make: boolean }): Promise<void> {
  const folder = dirname(path);
  try {
    await checkNoLink(folder);
  } catch (error) {
    if (!options.make || !isCode(error, "ENOENT")) throw error;
    // looked at before it is made: mkdir would follow a link and make folders on the other side
    await checkFolderOf(folder, options);
    await mkdir(folder, { recursive: true });
    await checkNoLink(folder);
  }
}

async function checkNoLink(folder: string): Promise<void> {
  const real = await realpath(folder);
  if (real !== folder) throw new PathEscape(`Folder ${folder} leads to ${real} through a symbolic link; remove the link.`);
}
