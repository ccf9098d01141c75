import { rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { ToolkitSource } from "@switchyard/compute";
import { LOCAL_FEATURES, LocalSite } from "@switchyard/compute/local";
import { SiteDriver } from "@switchyard/compute/site";
import type { JsonObject } from "@switchyard/protocol";
import type { ComputeRecord } from "@switchyard/store";
import type { KindOfCompute } from "../kindOfCompute.ts";

/** Spec 09 §7: two jobs per core in parallel, the rest waits. */
const JOBS_PER_CORE = 2;

/**
 * One user's machine, on the embedded backend: a site of its own on the server's machine, so that its jobs, environments
 * and files are apart from everybody else's. Stopped, it takes no runs; it never stops by itself.
 */
export function computeInstance(siteRoot: string, tools: ToolkitSource): KindOfCompute {
  const rootOf = ({ id }: ComputeRecord) => join(siteRoot, "instances", id);
  return {
    async provision() {
      return { cores: availableParallelism() };
    },
    async unprovision(record) {
      await rm(rootOf(record), { recursive: true, force: true, maxRetries: 5 });
    },
    driver: (record, _secret, name) => new SiteDriver(name, LOCAL_FEATURES, new LocalSite({ siteRoot: rootOf(record), ...tools })),
    place: (record) => ({
      maxConcurrentRuns: JOBS_PER_CORE * Number(record.facts.cores ?? 1),
      maxNodes: 1,
      onlyFor: ownerOf(record),
      vacates: isStopped(record),
      closedBecause: isStopped(record)
        ? `The compute instance "${record.name}" is stopped. Start it: switchyard computetarget start -n ${record.name}`
        : null,
    }),
    status: (record) => ({ state: stateOf(record), vmSize: record.settings.vmSize ?? null, assignedUser: ownerOf(record) }),
    power: { startedFacts: { power: "started" }, stoppedFacts: { power: "stopped" } },
  };
}

const ownerOf = ({ settings, createdBy }: ComputeRecord): string | null =>
  typeof settings.assignedUser === "string" ? settings.assignedUser : createdBy;
const isStopped = ({ facts }: ComputeRecord): boolean => facts.power === "stopped";

/** Spec 09 §7, as far as they occur here. */
function stateOf(record: ComputeRecord): string {
  const words: JsonObject = { Creating: "Creating", Failed: "CreateFailed", Deleting: "Deleting" };
  return String(words[record.provisioningState] ?? (isStopped(record) ? "Stopped" : "Running"));
}
