import {
  BadRequest,
  type ClusterSettings,
  type InstanceSettings,
  type JsonObject,
  scaleProblem,
  vmSizeProblem,
} from "@switchyard/protocol";

/** Refuses the size and the bounds that no managed cluster can have, whoever makes its nodes. */
export function checkScale(settings: JsonObject): void {
  const { minNodes, maxNodes, vmSize } = settings as unknown as ClusterSettings;
  const problem = vmSizeProblem(vmSize) ?? scaleProblem({ minNodes, maxNodes });
  if (problem !== null) throw new BadRequest(problem);
  if ("maxConcurrentRuns" in settings)
    throw new BadRequest("A cluster runs as many runs at once as it has nodes: change max_nodes instead.");
}

/** Refuses a cluster whose administrator or network is half given (spec 09 §2). */
export function checkAccess(settings: JsonObject, secret: JsonObject): void {
  const { adminUsername, adminUserSshKey } = settings as unknown as ClusterSettings;
  const proof = adminUserSshKey ?? secret.adminUserPassword;
  if ((adminUsername === undefined) !== (proof === undefined))
    throw new BadRequest(
      "An administrator of the nodes needs adminUsername and one of adminUserPassword and adminUserSshKey, or none of them.",
    );
  checkNetwork(settings);
}

/** Refuses an instance that nobody could log in to (spec 09 §7: key pair only). */
export function checkInstance(settings: JsonObject): void {
  const { vmSize, sshPublicAccess, adminUserSshPublicKey } = settings as unknown as InstanceSettings;
  const problem = vmSizeProblem(vmSize);
  if (problem !== null) throw new BadRequest(problem);
  if (sshPublicAccess && adminUserSshPublicKey === undefined)
    throw new BadRequest(
      "SSH to an instance (sshPublicAccess) needs a public key (adminUserSshPublicKey): it takes a key pair, no password.",
    );
  checkNetwork(settings);
}

/** A virtual network is named whole, or not at all. */
function checkNetwork(settings: JsonObject): void {
  const parts = ["vnetResourcegroupName", "vnetName", "subnetName"];
  const missing = parts.filter((part) => !settings[part]);
  if (missing.length > 0 && missing.length < parts.length)
    throw new BadRequest(`A virtual network needs ${parts.join(", ")}; missing: ${missing.join(", ")}.`);
}
