import { existsSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { LocalDriver, type LocalDriverOptions } from "@switchyard/compute/local";
import type { DriverLab } from "@switchyard/compute/testing";

const fromRepository = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
export const TOOLS = { supervisor: fromRepository("packages/compute/supervisor"), python: fromRepository("python") };

/** A site of its own in a temporary folder. */
export class LocalLab implements DriverLab {
  readonly folder = mkdtempSync(join(tmpdir(), "switchyard-local-"));
  readonly siteRoot = join(this.folder, "site");

  async connect(options: Partial<LocalDriverOptions> = {}): Promise<LocalDriver> {
    return new LocalDriver({ siteRoot: this.siteRoot, ...TOOLS, ...options });
  }

  /** As when the disk of the site is not mounted. */
  async cut(): Promise<() => Promise<void>> {
    const away = join(this.folder, "away");
    renameSync(this.siteRoot, away);
    return async () => renameSync(away, this.siteRoot);
  }

  readonly directoryOf = ({ jobId }: { readonly jobId: string }): string => join(this.siteRoot, "jobs", jobId);

  async close(): Promise<void> {
    if (existsSync(this.folder)) rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
