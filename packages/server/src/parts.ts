import type { ArtifactStorage } from "@switchyard/artifacts";
import type { ClientInfo, DriverCatalog, Engine, TargetCatalog } from "@switchyard/engine";
import type { DefaultClusters } from "@switchyard/protocol";
import type { Store } from "@switchyard/store";
import type { Computes } from "./computes/computes.ts";
import type { KindOfCompute } from "./computes/kindOfCompute.ts";
import type { SecretBox } from "./computes/secretBox.ts";
import type { DataParts } from "./data/dataParts.ts";
import type { AccessFacts } from "./http/access.ts";
import type { ChangeFeed } from "./streams/changeFeed.ts";

/** What the handlers work with: the concrete things this server is wired from. */
export interface Parts {
  readonly store: Store;
  readonly artifacts: ArtifactStorage;
  readonly engine: Engine;
  readonly drivers: DriverCatalog;
  readonly targets: TargetCatalog;
  readonly computes: Computes;
  readonly kinds: Readonly<Partial<Record<string, KindOfCompute>>>;
  readonly data: DataParts;
  readonly feed: ChangeFeed;
  /** what secrets of workspaces are sealed with */
  readonly box: SecretBox;
  readonly access: AccessFacts;
  readonly client: ClientInfo;
  readonly server: ServerFacts;
}

/** What this server says of itself. */
export interface ServerFacts {
  readonly version: string;
  readonly home: string;
  readonly instance: string;
  readonly startedAt: Date;
  /** the clusters that clients of v1 make and use when they ask for a default one */
  readonly defaultClusters: DefaultClusters;
  /** stops the server soon: after the answer to who asks for it */
  requestStop(): void;
}
