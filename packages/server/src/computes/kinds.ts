import type { ToolkitSource } from "@switchyard/compute";
import type { KindOfCompute } from "./kindOfCompute.ts";
import { computeInstance } from "./kinds/computeInstance.ts";
import { remoteMachine } from "./kinds/remoteMachine.ts";

/** What the kinds work with. */
export interface KindParts {
  /** where the sites of this machine lie */
  readonly siteRoot: string;
  readonly tools: ToolkitSource;
  /** where scripts find this server; known once it listens */
  serverUrl(): string;
}

/** The kinds of compute target that this server can make. A new kind is one line here. */
export function createKinds({ siteRoot, tools, serverUrl }: KindParts): Readonly<Partial<Record<string, KindOfCompute>>> {
  return {
    computeinstance: computeInstance(siteRoot, tools),
    remote: remoteMachine(tools, serverUrl),
  };
}
