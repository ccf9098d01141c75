import type { AddressInfo } from "node:net";
import { type ArtifactStorage, openArtifacts } from "@switchyard/artifacts";
import type { ComputeDriver } from "@switchyard/compute";
import { toolkitVersion } from "@switchyard/compute/local";
import { closeConnections } from "@switchyard/compute/ssh";
import { type ClientInfo, DEFAULT_SETTINGS, Engine, type EngineSettings } from "@switchyard/engine";
import { Conflict, DEFAULT_WORKSPACE } from "@switchyard/protocol";
import { openStore, type Store } from "@switchyard/store";
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { findAssets } from "./assets.ts";
import { Computes } from "./computes/computes.ts";
import { createKinds } from "./computes/kinds.ts";
import { Provisioner } from "./computes/provisioner.ts";
import { ComputeRegistry } from "./computes/registry.ts";
import { openSecretBox, type SecretBox } from "./computes/secretBox.ts";
import type { ServerSettings } from "./config/settings.ts";
import { createDataParts, DEFAULT_FETCH_LIMIT_BYTES } from "./data/dataParts.ts";
import { createDrivers } from "./drivers.ts";
import { type Home, openHome } from "./home/home.ts";
import { instanceOf, ownerToken } from "./home/identity.ts";
import { lockHome } from "./home/lock.ts";
import { listenOnPort } from "./home/port.ts";
import { removeServerFile, writeServerFile } from "./home/serverFile.ts";
import { keepHouse } from "./housekeeping.ts";
import { createApp } from "./http/app.ts";
import { Monitor } from "./http/monitor.ts";
import { onceByKey } from "./http/once.ts";
import { registerPlainRoutes } from "./http/plainRoutes.ts";
import { registerRoutes } from "./http/routes.ts";
import { accessFromStore } from "./http/storeAccess.ts";
import { watchSpools } from "./interactive/spools.ts";
import { openLog } from "./log.ts";
import { registerMlflow } from "./mlflow/routes.ts";
import { PackageIndex } from "./packageIndex/packageIndex.ts";
import { registerPackageIndex } from "./packageIndex/routes.ts";
import type { Parts } from "./parts.ts";
import { createHandlers } from "./routes/index.ts";
import { registerScoring } from "./services/scoring.ts";
import { Shutdown } from "./shutdown.ts";
import { createSiteCleaner } from "./site/siteCleaner.ts";
import { ChangeFeed } from "./streams/changeFeed.ts";
import { VERSION } from "./version.ts";

const LOOPBACK = new Set(["127.0.0.1", "::1", "localhost"]);
/** How long a stop waits for requests that are under way. */
const FINISH_MS = 10_000;
/** One subscription and resource group hold everything: v1 scripts want to see some. */
const SUBSCRIPTION = "00000000-0000-0000-0000-000000000000";
const RESOURCE_GROUP = "switchyard";

export interface ServerOptions extends ServerSettings {
  readonly home: string;
  /** base64 of the 32 bytes that stored credentials are encrypted with; the home's own when absent */
  readonly key?: string;
  /** seconds between the comments that keep a stream open */
  readonly heartbeatSeconds?: number;
  /** instead of the real drivers: tests bring their own */
  readonly drivers?: readonly ComputeDriver[];
  /** told when a client asked the server to stop */
  readonly onStopRequested?: () => void;
}

export interface RunningServer {
  readonly url: string;
  /** of the home's owner */
  readonly token: string;
  readonly instance: string;
  readonly log: Logger;
  /** Stops gracefully: finishes requests, gives its runs back, closes the store. Runs go on. */
  close(): Promise<void>;
}

/** Starts a server on a home. Throws HomeInUse when another one is there. */
export async function createServer(options: ServerOptions): Promise<RunningServer> {
  const home = openHome(options.home);
  const shutdown = new Shutdown();
  const lock = lockHome(home);
  shutdown.add("home lock", () => lock.release());
  const log = openLog(home, options.logLevel ?? "info", options.logTo ?? "stderr");
  try {
    return await start(options, home, log, shutdown);
  } catch (error) {
    log.error({ err: error }, "the server could not start");
    await shutdown.run(log);
    throw error;
  }
}

async function start(options: ServerOptions, home: Home, log: Logger, shutdown: Shutdown): Promise<RunningServer> {
  const startedAt = new Date();
  const instance = instanceOf(home);
  const store = await openStore(options.databaseUrl ?? `sqlite:${home.database}`);
  shutdown.add("store", () => store.close());
  const artifacts = await openArtifacts(options.artifactsUrl ?? `folder:${home.artifacts}`);
  await requireSameStorage(store, artifacts);
  await store.workspaces.ensure(DEFAULT_WORKSPACE);
  const token = await ownerToken(home, store);

  const address: Address = { host: options.host ?? "127.0.0.1", port: 0 };
  const box = await openSecretBox(home, store, options.key);
  const { parts, registry, provisioner } = assemble({ options, home, log, shutdown, store, artifacts, box, instance, startedAt, address });
  await registry.start(); // whoever can reach the server finds its targets
  const monitor = new Monitor({
    runsByStatus: () => store.runs.countByStatus(),
    reconcilerLagSeconds: () => parts.engine.lagSeconds(),
  });
  const app = await createHttp(options, log, shutdown, parts, monitor);
  await listen(app, home, address, options.port ?? null, log);

  registry.openDrivers();
  provisioner.start();
  parts.engine.start();
  const url = urlOf(address); // of this machine: who finds it in server.json is here
  writeServerFile(home, { pid: process.pid, url, version: VERSION, instance, startedUtc: startedAt.toISOString() });
  shutdown.add("server.json", () => removeServerFile(home));
  shutdown.add("housekeeping", keepHouse(store, log));
  shutdown.add(
    "spools",
    watchSpools({ home: home.path, url, client: findAssets().python, everyMs: (options.spoolLookSeconds ?? 30) * 1000, log }),
  );
  setImmediate(() => monitor.start().catch((err) => log.error({ err }, "no figures for Prometheus")));
  log.info({ url, home: home.path, database: store.describe(), version: VERSION }, "listening");
  return { url, token, instance, log, close: () => shutdown.run(log) };
}

/** Where the server listens; the port is known once it does. */
interface Address {
  readonly host: string;
  port: number;
}

interface Ingredients {
  readonly options: ServerOptions;
  readonly home: Home;
  readonly log: Logger;
  readonly shutdown: Shutdown;
  readonly store: Store;
  readonly artifacts: ArtifactStorage;
  readonly box: SecretBox;
  readonly instance: string;
  readonly startedAt: Date;
  readonly address: Address;
}

interface Assembled {
  readonly parts: Parts;
  readonly registry: ComputeRegistry;
  readonly provisioner: Provisioner;
}

/** Wires the engine and all that the handlers work with. */
function assemble({ options, home, log, shutdown, store, artifacts, box, instance, startedAt, address }: Ingredients): Assembled {
  const siteRoot = options.siteRoot ?? home.site;
  const settings = engineSettings(options);
  const assets = findAssets();
  const client: ClientInfo = {
    get serverUrl() {
      return options.publicUrl?.replace(/\/+$/, "") ?? urlOf(address);
    },
    subscriptionId: SUBSCRIPTION,
    resourceGroup: RESOURCE_GROUP,
  };
  const kinds = createKinds({ siteRoot, tools: assets, store, settings, serverUrl: () => client.serverUrl });
  const computing = { store, box, kinds, log: log.child({ part: "computes" }) };
  const registry = new ComputeRegistry({
    ...computing,
    drivers: options.drivers ?? createDrivers({ siteRoot, assets }),
    maxConcurrentRuns: settings.maxConcurrentRuns,
  });
  shutdown.add("SSH connections", async () => closeConnections());
  shutdown.add("compute targets", () => registry.close());
  const provisioner = new Provisioner(computing);
  shutdown.add("provisioner", () => provisioner.close());
  const { drivers, targets, clusters } = registry;
  const site = createSiteCleaner(siteRoot, () => toolkitVersion(assets));
  const data = createDataParts({
    ...{ store, artifacts, box, roots: options.datastoreRoots ?? [], mirrors: options.dataMirrors ?? {} },
    fetchLimitBytes: options.fetchLimitBytes ?? DEFAULT_FETCH_LIMIT_BYTES,
  });
  const engine = new Engine({
    ...{ store, artifacts, drivers, targets, clusters, settings, instance, client, site },
    vault: box,
    data: data.keeper,
    makeCluster: (workspace, cluster, createdBy) => computes.addForRun(workspace, cluster, createdBy),
    onEnded: ({ workspace, target }) => {
      if (registry.isForRun(workspace, target)) void provisioner.wake();
    },
    log: log.child({ part: "engine" }),
  });
  shutdown.add("engine", () => engine.stop());
  const computes = new Computes({
    ...computing,
    registry,
    provisioner,
    targetsPerWorkspace: settings.targetsPerWorkspace,
    wakeRun: (runId) => engine.wake(runId),
    wakeCluster: (id) => engine.wakeCluster(id),
  });
  const feed = new ChangeFeed(store.events, log);
  shutdown.add("change feed", () => feed.close());
  const requestStop = () => void setImmediate(() => options.onStopRequested?.());
  const defaultClusters = { cpu: options.defaultCpuCluster ?? "cpu-cluster", gpu: options.defaultGpuCluster ?? "gpu-cluster" };
  const server = { version: VERSION, home: home.path, instance, startedAt, defaultClusters, requestStop };
  const parts = {
    store,
    artifacts,
    engine,
    drivers,
    targets,
    computes,
    kinds,
    data,
    feed,
    box,
    access: accessFromStore(store),
    client,
    server,
  };
  return { parts, registry, provisioner };
}

function engineSettings(options: ServerOptions): EngineSettings {
  const set = Object.keys(DEFAULT_SETTINGS).map((name) => [name, options[name as keyof ServerOptions]]);
  return { ...DEFAULT_SETTINGS, ...Object.fromEntries(set.filter(([, value]) => value !== undefined)) };
}

async function createHttp(
  options: ServerOptions,
  log: Logger,
  shutdown: Shutdown,
  parts: Parts,
  monitor: Monitor,
): Promise<FastifyInstance> {
  const stopping = new AbortController();
  const app = createApp(log, monitor);
  registerPlainRoutes(app, parts.store, monitor);
  registerPackageIndex(app, new PackageIndex(findAssets().python, VERSION), options.packageIndex ?? null);
  registerRoutes(app, createHandlers(parts), {
    access: parts.access,
    log,
    heartbeatSeconds: options.heartbeatSeconds ?? 15,
    stopping: stopping.signal,
    once: onceByKey(parts.store.idempotency),
  });
  registerScoring(app, parts);
  registerMlflow(app, { parts, log: log.child({ part: "mlflow" }) });
  await app.ready();
  shutdown.add("http", () => closeHttp(app, stopping));
  return app;
}

/** Takes no more connections, ends the streams, waits a while for what is under way. */
async function closeHttp(app: FastifyInstance, stopping: AbortController): Promise<void> {
  stopping.abort();
  const impatient = setTimeout(() => app.server.closeAllConnections(), FINISH_MS);
  await app.close();
  clearTimeout(impatient);
}

async function listen(app: FastifyInstance, home: Home, address: Address, asked: number | null, log: Logger): Promise<void> {
  const { host } = address;
  if (!LOOPBACK.has(host)) {
    log.warn({ host }, "listening beyond this machine: everybody who reaches this address and has a token can run code here");
  }
  address.port = await listenOnPort(home, asked, async (port) => {
    await app.listen({ host, port });
    return (app.server.address() as AddressInfo).port;
  });
}

/** Where this machine finds the server. One that listens on every address is met on loopback, which always resolves. */
function urlOf({ host, port }: Address): string {
  const name = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  return `http://${name.includes(":") ? `[${name}]` : name}:${port}`;
}

/** Servers that share a database must share the artifacts too: a marker in both tells. */
async function requireSameStorage(store: Store, artifacts: ArtifactStorage): Promise<void> {
  const known = await store.settings.setOnce("storageId", artifacts.storageId);
  if (known === artifacts.storageId) return;
  throw new Conflict(
    `The database (${store.describe()}) belongs to artifact storage ${known}, but this server was given storage ${artifacts.storageId}. ` +
      "Start it with the --artifacts-url of the other servers on this database.",
  );
}
