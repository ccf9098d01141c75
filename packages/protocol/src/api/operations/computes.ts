import { z } from "zod";
import { defineOperations } from "../operation.ts";
import { inWorkspace } from "./params.ts";

export const computeTarget = z.object({
  name: z.string(),
  type: z.string(),
  driver: z.string(),
  provisioningState: z.string(),
  healthy: z.boolean(),
  reason: z.string().nullable(),
  capabilities: z.record(z.string(), z.union([z.boolean(), z.string()])),
});
export type ComputeTarget = z.infer<typeof computeTarget>;

/** Compute targets. */
export const computesOperations = defineOperations({
  listTargets: {
    method: "GET",
    path: "/workspaces/{workspace}/computes",
    tag: "computes",
    access: "user",
    summary: "List compute targets",
    params: inWorkspace,
    response: z.array(computeTarget),
  },
  getTarget: {
    method: "GET",
    path: "/workspaces/{workspace}/computes/{name}",
    tag: "computes",
    access: "user",
    summary: "One compute target",
    params: inWorkspace.extend({ name: z.string() }),
    response: computeTarget,
  },
});
