import { rm } from "node:fs/promises";
import { until } from "./wait.ts";

/** What a file that came meanwhile makes of deleting its folder. */
const CAME_MEANWHILE = new Set(["ENOTEMPTY", "EEXIST", "EBUSY"]);

/** Deletes a folder in which processes that are about to end may still write. The retries of `rmSync` have no pause between them. */
export async function removeFolder(folder: string): Promise<void> {
  await until(60, `${folder} is deleted`, async () => {
    try {
      await rm(folder, { recursive: true, force: true });
      return true;
    } catch (error) {
      if (CAME_MEANWHILE.has((error as NodeJS.ErrnoException).code ?? "")) return false;
      throw error;
    }
  });
}
