// Words of web services, without a schema: the command line loads them at every start.

/** What carries a service: `local`, or `aci`, the container instance that stands for a cloud's. */
export const SERVICE_TYPES = ["local", "aci"] as const;
export type ServiceType = (typeof SERVICE_TYPES)[number];

/** Kinds of v1 that are known and not here. */
export const LATER_SERVICE_TYPES = ["aks", "akswebservice", "aksendpoint", "iot", "fpga"] as const;

/** Where a service stands (spec 11, section 5). `Unhealthy`: deployed, and does not answer. `Failed` stays until somebody changes it. */
export const SERVICE_STATES = ["Transitioning", "Healthy", "Unhealthy", "Unschedulable", "Failed"] as const;
export type ServiceState = (typeof SERVICE_STATES)[number];

/** The two keys of a service that asks for one. */
export const SERVICE_KEYS = ["Primary", "Secondary"] as const;
export type ServiceKey = (typeof SERVICE_KEYS)[number];

/** The largest body that a service takes: 100 MB. */
export const MOST_PAYLOAD_BYTES = 100 * 1024 * 1024;
