import { randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import {
  type JsonObject,
  LOG_FILES,
  mintRunId,
  NotFound,
  normaliseRunConfiguration,
  type RunConfiguration,
  type RunInput,
  type Submission,
  toWire,
  withoutSecrets,
} from "@switchyard/protocol";
import type { IdempotencyClaim, NewRun, RunRecord } from "@switchyard/store";
import { derivedImageOf, surroundingsOf } from "../bundle/container.ts";
import { sealSecrets, secretsGiven } from "../bundle/runSecrets.ts";
import type { EngineContext } from "../context.ts";
import { resolveData } from "../data/resolveData.ts";
import { SCRIPT_RUN } from "../runs/carried.ts";
import { targetsElsewhere } from "../runs/tryAgain.ts";
import { limitsOf } from "../settings.ts";
import { SnapshotFolders } from "../snapshots/folders.ts";
import { requireTarget, type Target } from "../targets.ts";
import { checkScript } from "./checkScript.ts";
import { registerEnvironment, withRegisteredEnvironment } from "./environment.ts";
import { newRun } from "./newRun.ts";
import { isRunBased, makeClusterOf, targetToBe, wishedCluster } from "./runBased.ts";
import { refuseFailed, refuseOthers, refuseUnsupported } from "./unsupported.ts";
import { warningsOf } from "./warnings.ts";

/** Who submits, and under which promise that a repeat is the same request. */
export interface SubmitOptions {
  readonly submittedBy: string | null;
  readonly idempotency?: IdempotencyClaim;
  /** secrets of the run that is repeated; those of the submission win */
  readonly secrets?: Readonly<Record<string, string>>;
  /** what the run reads beside the data sections of its configuration */
  readonly inputs?: readonly RunInput[];
  /** refuses a target that the run may go to, before anything is made */
  readonly requires?: (target: Target) => void;
}

/** A run that was checked and may be stored. */
export interface PreparedRun {
  readonly run: NewRun;
  /** null for a run that goes to a target of its own making */
  readonly target: Target | null;
}

/** Checks a submission and stores it as a queued run. Nothing is started here. */
export async function submitRun(
  context: EngineContext,
  workspace: string,
  submission: Submission,
  options: SubmitOptions,
): Promise<RunRecord> {
  const { run, target } = await prepareRun(context, workspace, submission, options);
  const created = await context.store.runs.create(run, options.idempotency);
  if (target === null) await makeClusterOf(context, created);
  return created;
}

/** Checks a submission and makes all of a run but the run itself; done again it changes nothing. */
export async function prepareRun(
  context: EngineContext,
  workspace: string,
  submission: Submission,
  { submittedBy, secrets: inherited = {}, inputs = [], requires }: SubmitOptions,
): Promise<PreparedRun> {
  await requireWorkspace(context, workspace);
  const given = await withRegisteredEnvironment(context, workspace, submission.runConfiguration as JsonObject);
  const wire = withoutSecrets(given);
  const secrets = { ...inherited, ...secretsGiven(context, given) };
  const configuration = normaliseRunConfiguration(wire);
  const runBased = isRunBased(configuration);
  const now = context.clock.now();
  const runId = submission.runId ?? mintRunId(submission.experimentName, now, randomBytes(4).toString("hex"));
  const target = runBased
    ? targetToBe(context, workspace, wishedCluster(configuration, runId))
    : requireTarget(context.targets, workspace, configuration.target);
  for (const each of [target, ...placesElsewhere(context, workspace, configuration)]) {
    requires?.(each);
    refuseFailed(each);
    refuseUnsupported(configuration, each, limitsOf(context.settings));
    refuseOthers(each, submittedBy);
  }
  const root = await rootOf(context, workspace, submission.snapshotId);
  await checkScript(configuration, root, new SnapshotFolders(context.artifacts));
  const resolved = await resolveData(context, workspace, runId, configuration);
  const surroundings = surroundingsOf(configuration, context.settings.images, target.isolation);
  const image = derivedImageOf(surroundings);
  const environment = await registerEnvironment(context, workspace, configuration);
  const run = await newRun(
    context,
    workspace,
    { ...submission, runId },
    {
      warnings: [
        ...warningsOf(configuration, {
          lostSecrets: Object.keys(secrets).length === 0 && !isDeepStrictEqual(given, wire),
          inputs: inputs.map(({ name }) => name),
        }),
        ...resolved.warnings,
      ],
      data: { ...resolved.data, inputs: [...resolved.data.inputs, ...inputs] },
      type: SCRIPT_RUN,
      target: target.name,
      state: "queued",
      submittedBy,
      definition: toWire(configuration),
      snapshotId: submission.snapshotId,
      environmentName: environment.name,
      environmentVersion: environment.version,
      mayPrepare: !configuration.environment.python.userManagedDependencies || surroundings.container !== null,
      properties: {
        ...submission.properties,
        ...(submission.snapshotId === null ? {} : { ContentSnapshotId: submission.snapshotId }),
        "_azureml.ComputeTargetType": target.type,
        ...(image === null ? {} : { "AzureML.DerivedImageName": image }),
        ProcessInfoFile: LOG_FILES.processInfo,
        ProcessStatusFile: LOG_FILES.processStatus,
      },
    },
  );
  const sealedSecrets = await sealSecrets(context, secrets, run.id);
  return { run: { ...run, sealedSecrets }, target: runBased ? null : target };
}

/** The targets at which the run may go on when its job is lost. */
function placesElsewhere({ targets }: EngineContext, workspace: string, { restart }: RunConfiguration): Target[] {
  return targetsElsewhere(restart as JsonObject).map((name) => requireTarget(targets, workspace, name));
}

/** The workspace, or an error that says how to make it. */
export async function requireWorkspace({ store }: EngineContext, workspace: string): Promise<void> {
  if ((await store.workspaces.get(workspace)) === undefined) throw new NotFound(`There is no workspace "${workspace}". Create it first.`);
}

/** The root of the snapshot that a submission names. */
export async function rootOf({ store }: EngineContext, workspace: string, snapshotId: string | null): Promise<string | null> {
  if (snapshotId === null) return null;
  const snapshot = await store.snapshots.get(snapshotId, workspace);
  if (snapshot === undefined)
    throw new NotFound(`There is no snapshot "${snapshotId}" in workspace "${workspace}". Send the folder again.`);
  return snapshot.root;
}
