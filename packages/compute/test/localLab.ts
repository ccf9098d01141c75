import { mkdtempSync, renameSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ComputeDriver } from "@switchyard/compute";
import { createLocalDriver, type LocalSiteOptions } from "@switchyard/compute/local";
import type { DriverLab } from "@switchyard/compute/testing";

const fromRepository = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
export const TOOLS = { supervisor: fromRepository("packages/compute/supervisor"), python: fromRepository("python") };

/** A site of its own in a temporary folder. */
export class LocalLab implements DriverLab {
  readonly folder = mkdtempSync(join(tmpdir(), "switchyard-local-"));
  readonly siteRoot = join(this.folder, "site");

  async connect(options: Partial<LocalSiteOptions> = {}): Promise<ComputeDriver> {
    return createLocalDriver({ siteRoot: this.siteRoot, ...TOOLS, ...options });
  }

  /** As when the disk of the site is not mounted. */
  async cut(): Promise<() => Promise<void>> {
    const away = join(this.folder, "away");
    renameSync(this.siteRoot, away);
    return async () => renameSync(away, this.siteRoot);
  }

  readonly directoryOf = ({ jobId }: { readonly jobId: string }): string => join(this.siteRoot, "jobs", jobId);

  async close(): Promise<void> {
    // A sampler, or the supervisor of a job that has just ended, may still write a last file.
    await rm(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }
}
