import type { RunRecord } from "@switchyard/store";
import type { EngineContext } from "../context.ts";

const DAY_MS = 24 * 3600 * 1000;

/** Variables that tell a script which run it is and where it belongs (spec 05 §8). None of them is a secret. */
export async function serverVariables({ store, client }: EngineContext, run: RunRecord): Promise<Record<string, string>> {
  const experiment = await store.experiments.get(run.workspace, run.experiment);
  const workspace = await store.workspaces.get(run.workspace);
  return {
    AZUREML_RUN_ID: run.id,
    AZUREML_ROOT_RUN_ID: run.rootId,
    ...(run.parentId !== null && { SWITCHYARD_PARENT_RUN_ID: run.parentId }),
    AZUREML_ARM_SUBSCRIPTION: client.subscriptionId,
    AZUREML_ARM_RESOURCEGROUP: client.resourceGroup,
    AZUREML_ARM_WORKSPACE_NAME: run.workspace,
    AZUREML_ARM_PROJECT_NAME: run.experiment,
    AZUREML_WORKSPACE_ID: workspace?.id ?? "",
    AZUREML_EXPERIMENT_ID: experiment?.experimentId ?? "",
    AZUREML_SERVICE_ENDPOINT: client.serverUrl,
    ...(setsUpMlflow(run) ? mlflowVariables(run, client.serverUrl, experiment?.experimentId ?? "") : {}),
  };
}

/** MLflow's plug-in beside the client writes to the journal; who wants MLflow to speak HTTP itself asks for it. */
function mlflowVariables(run: RunRecord, serverUrl: string, experimentId: string): Record<string, string> {
  const { host } = new URL(serverUrl);
  const workspace = encodeURIComponent(run.workspace);
  return {
    MLFLOW_TRACKING_URI: wantsPlainHttp(run) ? `${serverUrl}/mlflow/${workspace}` : `switchyard://${host}/${workspace}`,
    MLFLOW_EXPERIMENT_ID: experimentId,
    MLFLOW_EXPERIMENT_NAME: run.experiment,
    MLFLOW_RUN_ID: run.id,
  };
}

function wantsPlainHttp({ definition }: RunRecord): boolean {
  const { environmentVariables, environment } = definition as {
    environmentVariables?: Variables;
    environment?: { environmentVariables?: Variables };
  };
  return (environmentVariables?.[PLAIN_HTTP] ?? environment?.environmentVariables?.[PLAIN_HTTP]) === "http";
}

type Variables = Readonly<Record<string, unknown>>;
/** A variable of the run configuration: `http` lets MLflow log over HTTP instead of to the journal. */
const PLAIN_HTTP = "SWITCHYARD_MLFLOW";

function setsUpMlflow(run: RunRecord): boolean {
  return (run.definition.history as { enableMLflowTracking?: unknown } | undefined)?.enableMLflowTracking !== false;
}

/** A token for this run and those below it, which may also read the runs above and tell them tags, properties and files; new for every launch. */
export async function secretsOf({ store, clock, settings }: EngineContext, run: RunRecord): Promise<Record<string, string>> {
  const expiresAt = new Date(clock.now().getTime() + settings.runTokenDays * DAY_MS);
  const { secret } = await store.tokens.create({ scope: "run", runId: run.id, user: run.submittedBy, note: `run ${run.id}`, expiresAt });
  return {
    AZUREML_RUN_TOKEN: secret,
    AZUREML_RUN_TOKEN_EXPIRY: String(Math.floor(expiresAt.getTime() / 1000)),
    MLFLOW_TRACKING_TOKEN: secret,
  };
}
