import type { ComputeDriver } from "@switchyard/compute";
import {
  type ClusterCatalog,
  type DriverCatalog,
  localTarget,
  type ManagedCluster,
  type Target,
  type TargetCatalog,
} from "@switchyard/engine";
import { COMPUTE_KINDS, type ComputeKindName, type JsonObject } from "@switchyard/protocol";
import type { ComputeRecord, Store } from "@switchyard/store";
import type { Logger } from "pino";
import type { KindOfCompute } from "./kindOfCompute.ts";
import type { SecretBox } from "./secretBox.ts";

/** In these states a target takes no run ever again. */
const NEVER_AGAIN: ReadonlySet<string> = new Set(["Failed", "Deleting"]);
/** Changes are told at once; this is for those whose hint was lost. */
const READ_AGAIN_MS = 5000;

export interface RegistryParts {
  readonly store: Store;
  readonly box: SecretBox;
  readonly kinds: Readonly<Partial<Record<string, KindOfCompute>>>;
  /** drivers that need no record: the local one */
  readonly drivers: readonly ComputeDriver[];
  readonly maxConcurrentRuns: number;
  readonly log: Logger;
}

/** The compute targets of all workspaces as the database has them, in memory, with the driver of each. */
export class ComputeRegistry {
  readonly targets: TargetCatalog = {
    get: (workspace, name) => this.#target(workspace, name),
    list: (workspace) => this.#list(workspace),
  };
  readonly drivers: DriverCatalog = {
    get: (name) => this.#drivers.get(name)?.driver,
    follow: (listener) => this.#follow(listener),
  };
  readonly clusters: ClusterCatalog = {
    list: () => [...this.#clusters.values()],
    of: (workspace, target) => this.#clusters.get(keyOf(workspace, target)),
  };
  readonly #parts: RegistryParts;
  readonly #drivers = new Map<string, { readonly driver: ComputeDriver; readonly madeFrom: string }>();
  readonly #followers = new Set<(driver: ComputeDriver) => void>();
  readonly #local: Target;
  #records = new Map<string, ComputeRecord>();
  #clusters = new Map<string, ManagedCluster>();
  #reading: Promise<void> | undefined;
  #again = false;
  #mayMake = false;
  #stop: () => void = () => {};

  constructor(parts: RegistryParts) {
    this.#parts = parts;
    this.#local = localTarget(parts.maxConcurrentRuns);
    for (const driver of parts.drivers) this.#drivers.set(driver.name, { driver, madeFrom: "" });
  }

  /** Makes the drivers of all targets: once the server can be reached, since some have to know where. */
  openDrivers(): void {
    this.#mayMake = true;
    this.#keepDrivers([...this.#records.values()]);
  }

  /** Reads what there is, and again whenever something changes. */
  async start(): Promise<void> {
    await this.refresh();
    const soon = () =>
      void this.refresh().catch((err) => this.#parts.log.warn({ err }, "compute targets could not be read; trying again soon"));
    const stopListening = this.#parts.store.events.onCommit(soon);
    const timer = setInterval(soon, READ_AGAIN_MS);
    timer.unref();
    this.#stop = () => {
      stopListening();
      clearInterval(timer);
    };
  }

  /** Was this target made for one run, with which it goes? */
  isForRun(workspace: string, name: string): boolean {
    return this.#records.get(keyOf(workspace, name))?.settings.forRun !== undefined;
  }

  async close(): Promise<void> {
    this.#stop();
    await Promise.allSettled([...this.#drivers.values()].map(({ driver }) => driver.close?.()));
  }

  /** Reads the database now; callers that come while it is read wait for one more reading. */
  async refresh(): Promise<void> {
    this.#again = true;
    this.#reading ??= this.#readWhileAsked().finally(() => {
      this.#reading = undefined;
    });
    await this.#reading;
  }

  #list(workspace: string): readonly Target[] {
    const records = [...this.#records.values()].filter((record) => record.workspace === workspace);
    return [this.#local, ...records.map((record) => this.#targetOf(record))];
  }

  #follow(listener: (driver: ComputeDriver) => void): () => void {
    this.#followers.add(listener);
    for (const { driver } of this.#drivers.values()) listener(driver);
    return () => this.#followers.delete(listener);
  }

  #target(workspace: string, name: string): Target | undefined {
    if (name.toLowerCase() === "local") return this.#local;
    const record = this.#records.get(keyOf(workspace, name));
    return record && this.#targetOf(record);
  }

  #targetOf(record: ComputeRecord): Target {
    const kind = this.#parts.kinds[record.type];
    const place = kind?.place(record) ?? { maxConcurrentRuns: 0, maxNodes: 1 };
    const closed = whyClosed(record, kind);
    return {
      name: record.name,
      type: record.type,
      driver: driverNameOf(record),
      capabilities: COMPUTE_KINDS[record.type as ComputeKindName].capabilities,
      onlyFor: null,
      vacates: false,
      ...place,
      ...(NEVER_AGAIN.has(record.provisioningState) && closed !== null && { failedBecause: closed }),
      closedBecause: closed ?? place.closedBecause ?? null,
    };
  }

  async #readWhileAsked(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      const records = await this.#parts.store.computes.list();
      this.#records = new Map(records.map((record) => [keyOf(record.workspace, record.name), record]));
      this.#clusters = new Map(records.flatMap((record) => this.#clusterOf(record)));
      this.#keepDrivers(records);
    }
  }

  #clusterOf(record: ComputeRecord): [string, ManagedCluster][] {
    if (record.provisioningState === "Creating" || record.provisioningState === "Failed") return [];
    const cluster = this.#parts.kinds[record.type]?.cluster?.(record) ?? null;
    return cluster === null ? [] : [[keyOf(record.workspace, record.name), cluster]];
  }

  /** Makes the drivers of new and changed targets; forgets those of targets that are gone. */
  #keepDrivers(records: readonly ComputeRecord[]): void {
    const needed = new Set(this.#parts.drivers.map(({ name }) => name));
    for (const record of records) {
      const name = driverNameOf(record);
      needed.add(name);
      const madeFrom = JSON.stringify([record.settings, record.secret]);
      if (this.#drivers.get(name)?.madeFrom !== madeFrom) this.#make(record, name, madeFrom);
    }
    for (const name of [...this.#drivers.keys()].filter((each) => !needed.has(each))) this.#drop(name);
  }

  #make(record: ComputeRecord, name: string, madeFrom: string): void {
    const kind = this.#parts.kinds[record.type];
    if (kind === undefined || !this.#mayMake || ["Creating", "Failed"].includes(record.provisioningState)) return;
    try {
      const driver = kind.driver(record, this.#secretOf(record), name);
      this.#drop(name);
      this.#drivers.set(name, { driver, madeFrom });
      for (const listener of this.#followers) listener(driver);
    } catch (err) {
      this.#parts.log.error({ err, target: record.name }, "a compute target has no driver");
    }
  }

  #drop(name: string): void {
    const dropped = this.#drivers.get(name)?.driver;
    this.#drivers.delete(name);
    dropped?.close?.().catch((err) => this.#parts.log.warn({ err, driver: name }, "a driver could not be closed"));
  }

  #secretOf(record: ComputeRecord): JsonObject {
    return record.secret === null ? {} : this.#parts.box.open<JsonObject>(record.secret, record.id);
  }
}

/** Every target has a driver of its own; a handle names it. */
export const driverNameOf = ({ type, id }: ComputeRecord): string => `${type}:${id}`;

const keyOf = (workspace: string, name: string): string => `${workspace}/${name.toLowerCase()}`;

function whyClosed({ name, type, provisioningState, provisioningErrors }: ComputeRecord, kind: KindOfCompute | undefined): string | null {
  if (kind === undefined) return `This server cannot use compute targets of type ${type}, as "${name}" is one.`;
  switch (provisioningState) {
    case "Succeeded":
    case "Updating":
      return null;
    case "Creating":
      return `The compute target "${name}" is being made.`;
    case "Deleting":
      return `The compute target "${name}" is being deleted.`;
    default:
      return `The compute target "${name}" could not be made: ${provisioningErrors[0]?.message ?? provisioningState}`;
  }
}
