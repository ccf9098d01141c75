import { sql } from "kysely";
import { Computes } from "./computes/computes.ts";
import { type Database, openDatabase } from "./database/database.ts";
import { Datasets } from "./datasets/datasets.ts";
import { RunDatas } from "./datasets/runData.ts";
import { Datastores } from "./datastores/datastores.ts";
import { DatastoreFiles } from "./datastores/files.ts";
import { Environments } from "./environments/environments.ts";
import { changeWriter } from "./events/changes.ts";
import { Events } from "./events/events.ts";
import { Idempotency } from "./idempotency/idempotency.ts";
import { Leases } from "./leases/leases.ts";
import { Metrics } from "./metrics/metrics.ts";
import { Models } from "./models/models.ts";
import { ModelVersions } from "./models/versions.ts";
import { Nodes } from "./nodes/nodes.ts";
import { Runs } from "./runs/runs.ts";
import { Secrets } from "./secrets/secrets.ts";
import { Services } from "./services/services.ts";
import { Settings } from "./settings/settings.ts";
import { Snapshots } from "./snapshots/snapshots.ts";
import { Sweeps } from "./sweeps/sweeps.ts";
import { Telemetry } from "./telemetry/telemetry.ts";
import { Tokens } from "./tokens/tokens.ts";
import { TrackedExperiments } from "./tracking/experiments.ts";
import { LoggedModels } from "./tracking/loggedModels/loggedModels.ts";
import { Tracking } from "./tracking/tracking.ts";
import { Experiments } from "./workspaces/experiments.ts";
import { Workspaces } from "./workspaces/workspaces.ts";

/**
 * Opens the database at `sqlite:/path/file.db`, `sqlite::memory:` or `postgres://user@host:port/name` and brings its
 * schema up to date. Throws DatabaseTooNew when a newer program has used it.
 */
export async function openStore(url: string): Promise<Store> {
  return new Store(await openDatabase(url, changeWriter));
}

/** Everything Switchyard remembers that is not bytes of files: one class per noun. */
export class Store {
  readonly runs: Runs;
  readonly experiments: Experiments;
  readonly workspaces: Workspaces;
  readonly telemetry: Telemetry;
  readonly metrics: Metrics;
  readonly tracking: Tracking;
  readonly trackedExperiments: TrackedExperiments;
  readonly loggedModels: LoggedModels;
  readonly environments: Environments;
  readonly computes: Computes;
  readonly nodes: Nodes;
  readonly models: Models;
  readonly modelVersions: ModelVersions;
  readonly secrets: Secrets;
  readonly services: Services;
  readonly snapshots: Snapshots;
  readonly datastores: Datastores;
  readonly datastoreFiles: DatastoreFiles;
  readonly datasets: Datasets;
  readonly runData: RunDatas;
  readonly tokens: Tokens;
  readonly events: Events;
  readonly idempotency: Idempotency;
  readonly leases: Leases;
  readonly settings: Settings;
  readonly sweeps: Sweeps;
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
    this.runs = new Runs(database);
    this.experiments = new Experiments(database);
    this.workspaces = new Workspaces(database);
    this.telemetry = new Telemetry(database);
    this.metrics = new Metrics(database);
    this.tracking = new Tracking(database);
    this.trackedExperiments = new TrackedExperiments(database);
    this.loggedModels = new LoggedModels(database);
    this.environments = new Environments(database);
    this.computes = new Computes(database);
    this.nodes = new Nodes(database);
    this.models = new Models(database);
    this.modelVersions = new ModelVersions(database);
    this.secrets = new Secrets(database);
    this.services = new Services(database);
    this.snapshots = new Snapshots(database);
    this.datastores = new Datastores(database);
    this.datastoreFiles = new DatastoreFiles(database);
    this.datasets = new Datasets(database);
    this.runData = new RunDatas(database);
    this.tokens = new Tokens(database);
    this.events = new Events(database);
    this.idempotency = new Idempotency(database);
    this.leases = new Leases(database);
    this.settings = new Settings(database);
    this.sweeps = new Sweeps(database);
  }

  /** Which database this is, without a password. */
  describe(): string {
    return this.#database.address.description;
  }

  /** The database's clock, the one that servers share. Throws DatabaseUnreachable when it cannot be asked. */
  async now(): Promise<Date> {
    const { rows } = await sql<{ now: number }>`select ${this.#database.clock} as now`.execute(this.#database.db);
    return new Date(rows[0]?.now as number);
  }

  async close(): Promise<void> {
    await this.events.close();
    await this.tracking.close();
    await this.#database.close();
  }
}
