import { z } from "zod";
import { computeName } from "./names.ts";

const nodes = z.int().min(0).max(100_000);
/** Seconds a node may be idle before it goes: the default of the seeds' era (spec 09 §2). */
export const DEFAULT_IDLE_SECONDS = 120;
export const DEFAULT_MAX_NODES = 4;
export const DEFAULT_VM_SIZE = "STANDARD_NC6";

/** `Dedicated` and `low-priority` are other spellings of the same. */
const vmPriority = z.preprocess(
  (given) => (typeof given === "string" ? given.toLowerCase().replace(/[-_ ]/g, "") : given),
  z.enum(["dedicated", "lowpriority"]),
);

/** How a machine is reached over SSH; nothing of this is secret. */
export const sshSettings = z.strictObject({
  address: z.string().min(1).max(255).describe("IP address or name of the machine"),
  sshPort: z.int().min(1).max(65_535).default(22),
  username: z.string().min(1).max(100),
  hostKey: z
    .string()
    .regex(/^SHA256:[A-Za-z0-9+/]{43}=?$/, "a host key is given as SHA256:…, as ssh-keygen -lf prints it")
    .optional()
    .describe("fingerprint that the machine must show; when absent, the one it shows while it is attached is kept"),
  jump: z
    .array(z.strictObject({ address: z.string().min(1), sshPort: z.int().min(1).max(65_535).default(22), username: z.string().min(1) }))
    .max(5)
    .optional()
    .describe("machines to go through, the nearest first; they take the same key or password"),
  siteRoot: z.string().min(1).optional().describe("folder for run directories there; ~/.switchyard/site when absent"),
});
export type SshSettings = z.infer<typeof sshSettings>;

/** What proves who we are. Stored encrypted, answered by get-credentials only. */
export const sshSecret = z.strictObject({
  password: z.string().min(1).optional(),
  privateKey: z.string().min(1).optional().describe("text of the private key file"),
  privateKeyPassphrase: z.string().optional(),
  useAgent: z.boolean().optional().describe("ask the SSH agent of the server's account"),
});
export type SshSecret = z.infer<typeof sshSecret>;

const clusterScale = {
  minNodes: nodes.default(0).describe("nodes that stay even when idle"),
  maxNodes: nodes.min(1).default(DEFAULT_MAX_NODES).describe("the most nodes at once"),
  idleSecondsBeforeScaledown: z.int().min(0).default(DEFAULT_IDLE_SECONDS).describe("a node that is idle for so long goes"),
};

/** Slurm as the backend of a managed cluster. */
export const slurmSettings = z.strictObject({
  partition: z.string().min(1).optional().describe("partition to submit to; Slurm's default when absent"),
  account: z.string().min(1).optional(),
  qos: z.string().min(1).optional(),
  options: z.array(z.string().min(1)).max(50).default([]).describe("further options of sbatch, --gres=gpu:1"),
  login: sshSettings.optional().describe("log-in node over SSH; this machine when absent"),
  siteRoot: z.string().min(1).optional().describe("folder for run directories on a disk that all nodes share"),
});
export type SlurmSettings = z.infer<typeof slurmSettings>;

/** Spec 00, F119: one system-assigned identity or several user-assigned ones, never both. */
const managedIdentity = z
  .strictObject({
    identityType: z.enum(["SystemAssigned", "UserAssigned"]),
    identityIds: z.array(z.string().min(1)).default([]).describe("user-assigned identities; the first is the default"),
  })
  .refine(({ identityType, identityIds }) => (identityType === "UserAssigned") === identityIds.length > 0, {
    path: ["identityIds"],
    error: "UserAssigned names one identity or more, SystemAssigned none",
  });

/** A managed cluster (spec 09 §2). */
export const clusterSettings = z.strictObject({
  vmSize: z.string().min(1).default(DEFAULT_VM_SIZE),
  vmPriority: vmPriority.default("dedicated"),
  ...clusterScale,
  backend: z.enum(["local", "slurm"]).default("local").describe("local: nodes on the server's machine; slurm: Slurm places and scales"),
  slurm: slurmSettings.optional(),
  isolation: z
    .enum(["processes", "containers"])
    .default("processes")
    .describe("containers: on the server's machine, every run is in a container of its own, and everybody's runs are taken"),
  adminUsername: z.string().min(1).optional(),
  adminUserSshKey: z.string().min(1).optional(),
  vnetResourcegroupName: z.string().optional(),
  vnetName: z.string().optional(),
  subnetName: z.string().optional(),
  remoteLoginPortPublicAccess: z.enum(["NotSpecified", "Enabled", "Disabled"]).optional(),
  identity: managedIdentity.optional(),
});
/** `forRun`: the run that the cluster was made for and goes with (F93–F97); nobody can say so from outside. */
export type ClusterSettings = z.infer<typeof clusterSettings> & { readonly forRun?: string };

/** One user's machine (spec 09 §7). */
export const instanceSettings = z.strictObject({
  vmSize: z.string().min(1).default(DEFAULT_VM_SIZE),
  sshPublicAccess: z.boolean().default(false),
  adminUserSshPublicKey: z.string().min(1).optional(),
  vnetResourcegroupName: z.string().optional(),
  vnetName: z.string().optional(),
  subnetName: z.string().optional(),
  assignedUser: z.string().min(1).optional().describe("whose machine it is; who creates it when absent"),
});
export type InstanceSettings = z.infer<typeof instanceSettings>;

export const remoteSettings = sshSettings.extend({
  maxConcurrentRuns: z.int().min(1).optional().describe("runs that may be there at once; four for each core when absent"),
});
export type RemoteSettings = z.infer<typeof remoteSettings>;

const about = {
  name: computeName,
  description: z.string().max(5000).optional(),
  tags: z.record(z.string(), z.string().nullable()).optional(),
  location: z.string().max(100).optional(),
};
const clusterSecret = z.strictObject({ adminUserPassword: z.string().min(1).optional(), login: sshSecret.optional() }).optional();

/** What `create` takes, by kind. */
export const newCompute = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("amlcompute"), ...about, settings: clusterSettings, secret: clusterSecret }),
  z.strictObject({ type: z.literal("batchai"), ...about, settings: clusterSettings, secret: clusterSecret }),
  z.strictObject({ type: z.literal("computeinstance"), ...about, settings: instanceSettings }),
]);
export type NewCompute = z.infer<typeof newCompute>;

/** What `attach` takes, by kind. */
export const attachedCompute = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("remote"), ...about, settings: remoteSettings, secret: sshSecret }),
  z.strictObject({ type: z.literal("hdinsight"), ...about, settings: remoteSettings, secret: sshSecret }),
]);
export type AttachedCompute = z.infer<typeof attachedCompute>;

/** What may be changed of a target that exists; of a cluster its scale and identity (spec 09 §2). */
export const computeChanges = z.strictObject({
  minNodes: nodes.optional(),
  maxNodes: nodes.min(1).optional(),
  idleSecondsBeforeScaledown: z.int().min(0).optional(),
  maxConcurrentRuns: z.int().min(1).optional(),
  identity: managedIdentity.nullable().optional().describe("of a cluster; null takes it away"),
  description: z.string().max(5000).nullable().optional(),
  tags: z.record(z.string(), z.string().nullable()).optional(),
});
export type ComputeChanges = z.infer<typeof computeChanges>;
