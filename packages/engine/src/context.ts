import type { ArtifactStorage } from "@switchyard/artifacts";
import type { Store } from "@switchyard/store";
import type { Clock } from "./clock.ts";
import type { Allocations } from "./clusters/allocations.ts";
import type { ClusterCatalog } from "./clusters/managedCluster.ts";
import type { DataKeeper } from "./data/keeper.ts";
import type { DriverCatalog } from "./drivers.ts";
import type { Logger } from "./logger.ts";
import type { EngineSettings } from "./settings.ts";
import type { RunCluster } from "./submit/runBased.ts";
import type { TargetCatalog } from "./targets.ts";

/** What scripts are told about the server they belong to. */
export interface ClientInfo {
  /** where a run reaches the server: `http://127.0.0.1:41234` */
  readonly serverUrl: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
}

/** Keeps secrets so that only this installation's servers can read them; what was sealed for one owner opens for no other. */
export interface Vault {
  seal(value: object, owner: string): Promise<string>;
  open<T extends object>(text: string, owner: string): T;
}

/** Everything the parts of the engine work with. */
export interface EngineContext {
  readonly store: Store;
  readonly artifacts: ArtifactStorage;
  readonly drivers: DriverCatalog;
  readonly targets: TargetCatalog;
  /** clusters whose nodes we make and give to runs ourselves */
  readonly clusters: ClusterCatalog;
  readonly allocations: Allocations;
  /** makes the cluster of a run that has one of its own; a second time does no harm. null: there are none such */
  readonly makeCluster: ((workspace: string, cluster: RunCluster, createdBy: string | null) => Promise<void>) | null;
  readonly settings: EngineSettings;
  /** names this server process among several: owner of its leases */
  readonly instance: string;
  readonly log: Logger;
  readonly clock: Clock;
  /** null: there are no datastores */
  readonly data: DataKeeper | null;
  /** null: secrets of submissions are not kept */
  readonly vault: Vault | null;
  readonly client: ClientInfo;
}
