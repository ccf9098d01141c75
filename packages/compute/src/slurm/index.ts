import type { ClusterBackend } from "../clusterBackend.ts";
import type { ComputeDriver } from "../contract.ts";
import type { Site } from "../site/site.ts";
import { checkOptions, type SlurmDriverSettings } from "./settings.ts";
import { SlurmCluster } from "./slurmCluster.ts";
import { SLURM_FEATURES, SlurmDriver } from "./slurmDriver.ts";

export type { SlurmDriverSettings } from "./settings.ts";
export { SLURM_FEATURES } from "./slurmDriver.ts";

/**
 * The driver of a Slurm cluster. `site` is a machine that has Slurm's commands and a disk in common with the nodes: this
 * one, or a log-in node behind SSH: `sharesDisk` says which. Throws BadRequest for options of sbatch that are not a target's to set.
 */
export function createSlurmDriver(settings: SlurmDriverSettings, site: Site, { name = "slurm", sharesDisk = true } = {}): ComputeDriver {
  checkOptions(settings.options ?? []);
  return new SlurmDriver(name, settings, site, { ...SLURM_FEATURES, sharesDisk });
}

/** The nodes behind a managed cluster whose backend is Slurm. */
export const createSlurmCluster = (settings: SlurmDriverSettings, site: Site): ClusterBackend => new SlurmCluster(settings, site);
