import { computeName } from "@switchyard/protocol";
import { z } from "zod";

const seconds = z.number().min(0);
const count = z.int().min(1);

/** `cpu=a:1,gpu=b:2` as an object */
function readPairs(value: unknown): unknown {
  if (typeof value !== "string") return value;
  const pairs = value.split(",").map((pair) => pair.split("=", 2).map((word) => word.trim()));
  return Object.fromEntries(pairs);
}

/** `/data,/mnt/shared` as a list */
function readList(value: unknown): unknown {
  return typeof value === "string" ? value.split(",").map((word) => word.trim()) : value;
}

/** Everything an operator may set, in `config.json` by these names, in the environment as SWITCHYARD_PORT and so on. */
export const serverSettings = z.strictObject({
  port: z.int().min(1).max(65_535).optional().describe("port to listen on; chosen once and kept when absent"),
  host: z.string().min(1).optional().describe("address to listen on; 127.0.0.1 when absent"),
  publicUrl: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe("where runs and people reach the server, when that is not this machine's own address: https://runs.example.org"),
  databaseUrl: z.string().min(1).optional().describe("sqlite:/path/file.db or postgres://user@host/db"),
  artifactsUrl: z.string().min(1).optional().describe("folder:/path"),
  siteRoot: z.string().min(1).optional().describe("folder that holds the run directories of this machine"),
  logLevel: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).optional(),
  logTo: z.enum(["stderr", "file"]).optional().describe("file: <home>/logs/server.log"),
  maxConcurrentRuns: count.optional().describe("local runs that may be starting or running at once"),
  maxConcurrentStarts: count.optional(),
  lostAfterSeconds: seconds.optional().describe("a job without trace for this long is lost"),
  notRespondingAfterSeconds: seconds.optional(),
  unreachableLostAfterSeconds: seconds.optional(),
  quietAfterSeconds: seconds.optional().describe("an interactive run silent for this long says so in `run why`; nothing ends it; an hour"),
  spoolLookSeconds: z
    .number()
    .min(1)
    .optional()
    .describe("how often interactive runs of this machine and home are looked for whose process is gone; 30"),
  drainSeconds: seconds.optional(),
  keepRunDirectoriesSeconds: seconds.optional().describe("how long a run directory stays after everything is home"),
  keepLostRunDirectoriesSeconds: seconds.optional().describe("the same for runs that were lost"),
  leaseSeconds: z.number().min(2).optional(),
  runTokenDays: z.number().positive().optional(),
  images: z
    .preprocess(readPairs, z.record(z.string(), z.string().min(1)))
    .optional()
    .describe("own images in place of those that runs name: cpu=python:3.12,gpu=registry.example/cuda:12; an object in config.json"),
  datastoreRoots: z
    .preprocess(readList, z.array(z.string().startsWith("/", "a folder of datastoreRoots is an absolute path")))
    .optional()
    .describe("folders of this machine below which datastores may lie, as /data,/mnt/shared; a list in config.json; none when absent"),
  dataMirrors: z
    .preprocess(readPairs, z.record(z.string().regex(/^https?:\/\//, "a mirror stands for an http or https address"), z.string().regex(/^(https?:\/\/|folder:\/)/, "a mirror is an http or https address, or folder:/path"))) // biome-ignore format: one thought
    .optional()
    .describe(
      "where data is read in place of an address that begins like this: https://host/path/=folder:/data/; an object in config.json",
    ),
  fetchLimitBytes: count.optional().describe("the most bytes of one file that the server fetches from the web or another store; 20 GiB"),
  defaultCpuCluster: computeName
    .optional()
    .describe("the cluster that v1's get_default_compute_target('CPU') means and makes; cpu-cluster when absent"),
  defaultGpuCluster: computeName.optional().describe("the same for 'GPU'; gpu-cluster when absent"),
  dedicatedCoreQuota: count.optional().describe("virtual cores of all dedicated cluster nodes and compute instances of a workspace"),
  lowpriorityCoreQuota: count.optional().describe("the same for low-priority nodes"),
  nodesPerCluster: count.optional().describe("the most nodes of a cluster on the server's machine"),
  nodesPerRun: count.optional().describe("the most nodes of a run"),
  targetsPerWorkspace: count.optional().describe("the most compute targets of a workspace"),
  dedicatedRunSeconds: seconds.optional().describe("the longest that a run may take on dedicated nodes; 21 days"),
  lowpriorityRunSeconds: seconds.optional().describe("the same on low-priority nodes; 7 days"),
  nodePrepareTimeoutSeconds: seconds.optional().describe("how long a cluster's node may prepare before it counts as broken"),
  unusableNodeSeconds: seconds.optional().describe("how long a node that could not be made stays in the list"),
  preemptedNodeSeconds: seconds.optional().describe("how long a node that was preempted stays in the list"),
  packageIndex: z
    .url({ protocol: /^https?$/ })
    .refine((url) => !new URL(url).username, "it is shown to everybody who asks, so it must not hold a user name or a password")
    .optional()
    .describe("the index to which pip, asking this server's own, is sent for packages that are not ours; none"),
  nodeExpirySeconds: z.number().min(10).optional().describe("an idle node that no server asks after for so long ends by itself"),
});
export type ServerSettings = z.infer<typeof serverSettings>;
export type SettingName = keyof ServerSettings;

export const SETTING_NAMES = Object.keys(serverSettings.shape) as readonly SettingName[];

/** `databaseUrl` → `SWITCHYARD_DATABASE_URL` */
export function variableOf(name: SettingName): string {
  return `SWITCHYARD_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** `databaseUrl` → `database-url` */
export function flagOf(name: SettingName): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
