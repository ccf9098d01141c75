import { rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { LOCAL_FEATURES, LocalSite } from "@switchyard/compute/local";
import { SiteDriver } from "@switchyard/compute/site";
import { coresOf, coresOfInstances } from "@switchyard/engine";
import { Conflict, type JsonObject } from "@switchyard/protocol";
import type { ComputeRecord, Store } from "@switchyard/store";
import type { KindOfCompute } from "../kindOfCompute.ts";
import type { KindParts } from "../kinds.ts";
import { checkInstance } from "./checkSettings.ts";

/** Spec 09 §7: two jobs per core in parallel, the rest waits. */
const JOBS_PER_CORE = 2;

/**
 * One user's machine, on the embedded backend: a site of its own on the server's machine, so that its jobs, environments
 * and files are apart from everybody else's. Stopped, it takes no runs; it never stops by itself.
 */
export function computeInstance({ siteRoot, tools, store, settings }: KindParts): KindOfCompute {
  const rootOf = ({ id }: ComputeRecord) => join(siteRoot, "instances", id);
  return {
    check: checkInstance,
    async provision(record) {
      await requireQuota(record, store, settings.dedicatedCoreQuota);
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

/** Instances share their quota with the dedicated nodes of clusters (spec 09 §2). Of two that are made at once the older one goes first. */
async function requireQuota(record: ComputeRecord, store: Store, quota: number): Promise<void> {
  const isBefore = ({ provisioningState, createdAt, id }: ComputeRecord) =>
    provisioningState !== "Creating" || `${createdAt.toISOString()} ${id}` < `${record.createdAt.toISOString()} ${record.id}`;
  const others = (await store.computes.list(record.workspace)).filter((other) => other.id !== record.id && isBefore(other));
  const used = coresOfInstances(others) + (await store.nodes.coresHeld(record.workspace, "dedicated", null));
  const vmSize = String(record.settings.vmSize);
  if (used + coresOf(vmSize) <= quota) return;
  throw new Conflict(
    `An instance of ${vmSize} has ${coresOf(vmSize)} cores; clusters and instances of the workspace use ${used} of its quota of ${quota} dedicated cores. ` +
      "Take a smaller size, delete an instance that nobody needs (a stopped one holds its cores too), or raise the quota (dedicatedCoreQuota).",
  );
}

const ownerOf = ({ settings, createdBy }: ComputeRecord): string | null =>
  typeof settings.assignedUser === "string" ? settings.assignedUser : createdBy;
const isStopped = ({ facts }: ComputeRecord): boolean => facts.power === "stopped";

/** Spec 09 §7, as far as they occur here. */
function stateOf(record: ComputeRecord): string {
  const words: JsonObject = { Creating: "Creating", Failed: "CreateFailed", Deleting: "Deleting" };
  return String(words[record.provisioningState] ?? (isStopped(record) ? "Stopped" : "Running"));
}
