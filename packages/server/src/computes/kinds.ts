import type { ToolkitSource } from "@switchyard/compute";
import type { KindOfCompute } from "./kindOfCompute.ts";
import { computeInstance } from "./kinds/computeInstance.ts";

/** The kinds of compute target that this server can make. A new kind is one line here. */
export function createKinds(siteRoot: string, tools: ToolkitSource): Readonly<Partial<Record<string, KindOfCompute>>> {
  return {
    computeinstance: computeInstance(siteRoot, tools),
  };
}
