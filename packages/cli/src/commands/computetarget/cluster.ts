import type { NewCompute, SshSecret } from "@switchyard/protocol";
import { BadRequest } from "@switchyard/protocol/errors";
import type { Context, ExitCode } from "../../command.ts";
import { type Flag, type FlagValues, longName } from "../../flags.ts";
import { readPublicKey } from "../../secrets/publicKey.ts";
import { SecretReader } from "../../secrets/secretReader.ts";
import { readSshSecret } from "../../secrets/sshSecret.ts";
import { aboutOf } from "./about.ts";
import { type CLUSTER_FLAGS, SLURM_FLAGS } from "./clusterFlags.ts";
import { readJumps } from "./jump.ts";
import { CREATING, finishMaking } from "./provision.ts";

type Flags = FlagValues<typeof CLUSTER_FLAGS>;
export type ClusterContext = Context<unknown, Flags>;
type ClusterType = Extract<NewCompute["type"], "amlcompute" | "batchai">;

/** Creates a managed cluster, as `amlcompute` or under its word of 2018. */
export async function createCluster(context: ClusterContext, type: ClusterType): Promise<ExitCode> {
  const { flags } = context;
  checkScale(flags);
  if (flags.backend !== "slurm") refuseSlurmFlags(flags);
  const reader = new SecretReader(context);
  const login = flags.backend === "slurm" ? await loginSecret(context, reader) : undefined;
  const adminUserPassword = await adminPassword(flags, reader);
  const settings = await settingsOf(context);
  const workspace = await context.workspace();
  const api = await context.connect();
  const secret = login === undefined && adminUserPassword === undefined ? undefined : { adminUserPassword, login };
  const made = await api.createTarget({ params: { workspace }, body: { type, ...aboutOf(flags), settings, secret } });
  return finishMaking(context, api, { workspace, name: made.name }, made, CREATING, !flags.noWait);
}

function checkScale({ minNodes, maxNodes }: Flags): void {
  if (maxNodes === 0) throw new BadRequest("Option --max-nodes: a cluster needs at least one node to run anything.");
  if (maxNodes !== undefined && minNodes > maxNodes) {
    throw new BadRequest(
      `Option --min-nodes: ${minNodes} nodes cannot stay when there are ${maxNodes} at most. Raise --max-nodes or lower --min-nodes.`,
    );
  }
}

/** An option that would have no effect is a misunderstanding. */
function refuseSlurmFlags(flags: Flags): void {
  const given = Object.entries(SLURM_FLAGS as Readonly<Record<string, Flag<unknown>>>).find(([key]) => isGiven(flags[key as keyof Flags]));
  if (given) throw new BadRequest(`Option --${longName(...given)} is about Slurm. Add --backend slurm, or leave it out.`);
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0);

async function loginSecret(context: ClusterContext, reader: SecretReader): Promise<SshSecret | undefined> {
  const { flags } = context;
  const login = {
    password: flags.loginPassword,
    privateKeyFile: flags.loginPrivateKeyFile,
    privateKeyPassphrase: flags.loginPrivateKeyPassphrase,
    useAgent: flags.loginUseAgent,
  };
  if (flags.loginAddress === undefined) {
    const option = Object.entries(SLURM_FLAGS).find(([key]) => key.startsWith("login") && isGiven(flags[key as keyof Flags]));
    if (option) throw new BadRequest(`Option --${longName(...option)} is about a log-in node, and --login-address does not name one.`);
    return undefined;
  }
  if (flags.loginUser === undefined) throw new BadRequest("Option --login-user is missing: who logs in to --login-address?");
  return readSshSecret(context, reader, login, `${flags.loginUser}@${flags.loginAddress}`, "login-");
}

async function adminPassword({ adminUserPassword, adminUsername }: Flags, reader: SecretReader): Promise<string | undefined> {
  if (adminUserPassword === undefined) return undefined;
  if (adminUsername === undefined) throw new BadRequest("Option --admin-username is missing: whose password is --admin-user-password?");
  return reader.read({ typed: adminUserPassword, option: "--admin-user-password", variable: "SWITCHYARD_PASSWORD" });
}

async function settingsOf(context: ClusterContext) {
  const { flags, world } = context;
  return {
    vmSize: flags.vmSize,
    vmPriority: flags.vmPriority,
    minNodes: flags.minNodes,
    maxNodes: flags.maxNodes,
    idleSecondsBeforeScaledown: flags.idleSecondsBeforeScaledown,
    backend: flags.backend,
    isolation: flags.isolation,
    slurm: flags.backend === "slurm" ? slurmOf(flags) : undefined,
    adminUsername: flags.adminUsername,
    adminUserSshKey: flags.adminUserSshKey === undefined ? undefined : await readPublicKey(flags.adminUserSshKey, world),
    remoteLoginPortPublicAccess: flags.remoteLoginPortPublicAccess,
    vnetName: flags.vnetName,
    vnetResourcegroupName: flags.vnetResourcegroupName,
    subnetName: flags.subnetName,
    identity: identityOf(flags.assignIdentity),
  };
}

function slurmOf(flags: Flags) {
  const { partition, account, qos, siteRoot, loginAddress, loginUser } = flags;
  const login =
    loginAddress === undefined
      ? undefined
      : {
          address: loginAddress,
          username: loginUser!,
          sshPort: flags.loginPort,
          hostKey: flags.loginHostKey,
          jump: readJumps("--login-jump", flags.loginJump),
        };
  return { partition, account, qos, options: [...flags.sbatchOption], siteRoot, login };
}

/** `[system]` is the identity that the cluster gets itself. */
function identityOf(typed: readonly string[]) {
  if (typed.length === 0) return undefined;
  const identityIds = typed.filter((id) => id.toLowerCase() !== "[system]");
  if (identityIds.length === 0) return { identityType: "SystemAssigned" as const };
  if (identityIds.length < typed.length) throw new BadRequest("Option --assign-identity: [system] and ids exclude each other.");
  return { identityType: "UserAssigned" as const, identityIds };
}
