import type { ToolkitSource } from "@switchyard/compute";
import type { EngineSettings } from "@switchyard/engine";
import type { Store } from "@switchyard/store";
import type { KindOfCompute } from "./kindOfCompute.ts";
import { cluster } from "./kinds/cluster.ts";
import { computeInstance } from "./kinds/computeInstance.ts";
import { localCluster } from "./kinds/localCluster.ts";
import { remoteMachine } from "./kinds/remoteMachine.ts";
import { slurmCluster } from "./kinds/slurmCluster.ts";
import { sparkCluster } from "./kinds/sparkCluster.ts";

/** What the kinds work with. */
export interface KindParts {
  /** where the sites of this machine lie */
  readonly siteRoot: string;
  readonly tools: ToolkitSource;
  readonly store: Store;
  readonly settings: EngineSettings;
  /** where scripts find this server; known once it listens */
  serverUrl(): string;
}

/** The kinds of compute target that this server can make. A new kind is one line here, and so is a new backend of clusters. */
export function createKinds(parts: KindParts): Readonly<Partial<Record<string, KindOfCompute>>> {
  const { tools, serverUrl } = parts;
  const clusters = cluster({ local: localCluster(parts), slurm: slurmCluster(parts) });
  return {
    computeinstance: computeInstance(parts),
    amlcompute: clusters,
    batchai: clusters,
    remote: remoteMachine(tools, serverUrl),
    hdinsight: sparkCluster(tools, serverUrl),
  };
}
