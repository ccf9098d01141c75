import { existsSync, mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ComputeDriver } from "@switchyard/compute";
import { LocalSite } from "@switchyard/compute/local";
import { createSlurmDriver, type SlurmDriverSettings } from "@switchyard/compute/slurm";
import type { DriverLab } from "@switchyard/compute/testing";
import { ANSWER_LASTS_MS } from "../src/slurm/slurmDriver.ts";
import type { SlurmLab } from "../src/testing/slurm/index.ts";
import { TOOLS } from "./localLab.ts";

/** A site of its own, whose jobs go to a Slurm cluster that outlives it. */
export class SlurmDesk implements DriverLab {
  readonly folder = mkdtempSync(join(tmpdir(), "switchyard-slurm-"));
  readonly siteRoot = join(this.folder, "site");
  readonly cluster: SlurmLab;
  readonly #settings: SlurmDriverSettings;

  constructor(cluster: SlurmLab, settings: SlurmDriverSettings = {}) {
    this.cluster = cluster;
    this.#settings = { settleSeconds: 1, ...settings };
    process.env.SLURM_CONF = cluster.env.SLURM_CONF;
  }

  readonly site = () => new LocalSite({ siteRoot: this.siteRoot, ...TOOLS });

  async connect(settings: SlurmDriverSettings = {}): Promise<ComputeDriver> {
    return createSlurmDriver({ ...this.#settings, ...settings }, this.site());
  }

  /** As when the machine of the controller is down. */
  async cut(): Promise<() => Promise<void>> {
    await this.cluster.stopController();
    await sleep(ANSWER_LASTS_MS); // what Slurm said before counts that long
    return () => this.cluster.startController();
  }

  readonly directoryOf = ({ jobId }: { readonly jobId: string }): string => join(this.siteRoot, "jobs", jobId);

  async close(): Promise<void> {
    await this.#cancelAll();
    // The batch script of a job that has just ended may still write a last file.
    await rm(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }

  /** Jobs of this site that Slurm still has. */
  async #cancelAll(): Promise<void> {
    if (!existsSync(this.cluster.root)) return;
    const lines = (await this.cluster.run("squeue", "-h", "-o", "%i %Z").catch(() => "")).split("\n");
    const ids = lines.filter((line) => line.includes(` ${this.siteRoot}/`)).map((line) => line.split(" ")[0] ?? "");
    if (ids.length > 0) await this.cluster.run("scancel", "--full", ...ids).catch(() => {});
  }
}
