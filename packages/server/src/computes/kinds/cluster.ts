import { NotImplemented } from "@switchyard/protocol";
import type { ComputeRecord } from "@switchyard/store";
import type { KindOfCompute } from "../kindOfCompute.ts";

/** What makes and scales the nodes of a cluster, by the name that its settings give. */
export type ClusterBackends = Readonly<Record<string, KindOfCompute>>;

/**
 * Managed clusters (`amlcompute`, and `batchai` as 2018 called them): what they are is their backend's to say. A backend is
 * a kind of its own; here it is chosen.
 */
export function cluster(backends: ClusterBackends): KindOfCompute {
  const of = ({ settings }: Pick<ComputeRecord, "settings">): KindOfCompute => {
    const name = String(settings.backend ?? "local");
    const backend = backends[name];
    if (backend !== undefined) return backend;
    throw new NotImplemented(`Clusters with the backend "${name}" are known, and this version cannot make them yet.`);
  };
  return {
    check: (settings, secret) => of({ settings }).check?.(settings, secret),
    provision: (record, secret, signal) => of(record).provision(record, secret, signal),
    unprovision: async (record, secret, signal) => of(record).unprovision?.(record, secret, signal),
    driver: (record, secret, name) => of(record).driver(record, secret, name),
    place: (record) => of(record).place(record),
    status: (record) => of(record).status?.(record) ?? {},
    nodes: async (record) => (await of(record).nodes?.(record)) ?? [],
    cluster: (record) => of(record).cluster?.(record) ?? null,
    preempt: async (record, nodeId, signal) => {
      const { preempt } = of(record);
      if (preempt === undefined) throw new NotImplemented(`A preemption of nodes of "${record.name}" cannot be simulated.`);
      await preempt(record, nodeId, signal);
    },
    update: (settings, changes) => of({ settings }).update?.(settings, changes) ?? { ...settings, ...changes },
  };
}
