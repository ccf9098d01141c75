import { z } from "zod";
import { jsonObject } from "../json.ts";
import { instant } from "../run/run.ts";

/** Where making a target stands (spec 09 §1). */
export const PROVISIONING_STATES = ["Creating", "Updating", "Succeeded", "Failed", "Deleting", "Canceled", "Unknown"] as const;
export const provisioningState = z.enum(PROVISIONING_STATES);
export type ProvisioningState = z.infer<typeof provisioningState>;

/** Why a target could not be made; `code` is a word for programs. */
export const provisioningError = z.object({ code: z.string(), message: z.string() });
export type ProvisioningError = z.infer<typeof provisioningError>;

/** A compute target as every list, page and `-o json` shows it. Holds no secret. */
export const computeTarget = z.object({
  name: z.string(),
  id: z.string(),
  /** kind: `local`, `amlcompute`, `remote`, … */
  type: z.string(),
  /** the word of the v1 world for the kind: `AmlCompute`, `VirtualMachine`, … */
  computeType: z.string(),
  attached: z.boolean(),
  driver: z.string(),
  location: z.string().nullable(),
  description: z.string().nullable(),
  tags: z.record(z.string(), z.string().nullable()),
  createdUtc: instant.nullable(),
  modifiedUtc: instant.nullable(),
  createdBy: z.string().nullable(),
  provisioningState,
  provisioningErrors: z.array(provisioningError),
  /** an address of the resource in the form of v1: `/subscriptions/…` */
  clusterResourceId: z.string().nullable(),
  settings: jsonObject,
  /** the kind's own status: node counts of a cluster, state of an instance */
  status: jsonObject.nullable(),
  /** null where nobody asked */
  healthy: z.boolean().nullable(),
  reason: z.string().nullable(),
  capabilities: z.record(z.string(), z.union([z.boolean(), z.string()])),
});
export type ComputeTarget = z.infer<typeof computeTarget>;

/** A node of a cluster (spec 09 §2, `list_nodes`). */
export const computeNode = z.object({
  nodeId: z.string(),
  nodeState: z.enum(["idle", "running", "preparing", "leaving", "preempted", "unusable"]),
  port: z.int().nullable(),
  publicIpAddress: z.string().nullable(),
  privateIpAddress: z.string().nullable(),
  runId: z.string().nullable(),
});
export type ComputeNode = z.infer<typeof computeNode>;

/** A row of the capability matrix as the API publishes it. */
export const computeKindRow = z.object({
  type: z.string(),
  computeType: z.string(),
  title: z.string(),
  creatable: z.boolean(),
  attachable: z.boolean(),
  available: z.boolean(),
  capabilities: z.record(z.string(), z.union([z.boolean(), z.string()])),
});
export type ComputeKindRow = z.infer<typeof computeKindRow>;
