import { API_PREFIX, DEFAULT_WORKSPACE, modelId, type Service } from "@switchyard/protocol";
import type { ServiceRecord } from "@switchyard/store";

/** A service as people see it; `serverUrl` is where they reach the server. */
export function presentService(record: ServiceRecord, serverUrl: string): Service {
  const { inference, deployment, models } = record.definition;
  const proxyUri = `${serverUrl}${servicePath(record)}`;
  const own = deployment.computeType === "local" ? ownUri(record) : proxyUri;
  return {
    ...{ id: record.id, name: record.name, computeType: deployment.computeType, state: record.state, error: record.error },
    scoringUri: own && `${own}/score`,
    swaggerUri: own && `${own}/swagger.json`,
    proxyUri,
    authEnabled: deployment.authEnabled,
    port: deployment.computeType === "local" ? (deployment.port ?? record.port) : null,
    description: record.description,
    tags: { ...record.tags },
    properties: { ...record.properties },
    models: models.map(({ name, version }) => ({ id: modelId(name, version), name, version })),
    entryScript: inference.entryScript,
    snapshotId: inference.snapshotId,
    environment: record.environment,
    deployment,
    starts: record.starts,
    createdBy: record.createdBy,
    createdUtc: record.createdAt.toISOString(),
    modifiedUtc: record.modifiedAt.toISOString(),
  };
}

/** A local service listens on the loopback of the server's machine. */
function ownUri({ port, definition: { deployment } }: ServiceRecord): string | null {
  const known = deployment.port ?? port;
  return known === null ? null : `http://localhost:${known}`;
}

/** The way through the server: v1's for the workspace that is always there, a longer one for all others. */
function servicePath({ workspace, name }: ServiceRecord): string {
  return workspace === DEFAULT_WORKSPACE
    ? `${API_PREFIX}/service/${name}`
    : `${API_PREFIX}/workspaces/${encodeURIComponent(workspace)}/service/${name}`;
}
