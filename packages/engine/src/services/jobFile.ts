import {
  JOB_LAYOUT,
  type JobData,
  type JobFile,
  type JsonObject,
  LOG_FILES,
  normaliseRunConfiguration,
  type RunConfiguration,
  SERVING,
} from "@switchyard/protocol";
import type { ServiceRecord } from "@switchyard/store";
import { surroundingsOf } from "../bundle/container.ts";

const GRACE_SECONDS = 10;
const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Where models lie in the job directory. */
const MODELS = `${JOB_LAYOUT.data}/${SERVING.modelFolder}`;

/** The environment of a service as the run configuration that would have it. */
export function configurationOf(inference: ServiceRecord["definition"]["inference"]): RunConfiguration {
  return normaliseRunConfiguration(wireOf(inference));
}

/** The same as JSON. */
export function wireOf({ entryScript, environment }: ServiceRecord["definition"]["inference"]): JsonObject {
  return { script: entryScript, environment: environment as JsonObject };
}

/** What the job of a service executes: the serving program of the client, which loads the entry script. */
export function serviceJobFile(
  service: ServiceRecord,
  jobId: string,
  variables: Readonly<Record<string, string>>,
  images: Readonly<Record<string, string>>,
): JobFile {
  const { inference, deployment, models } = service.definition;
  const configuration = configurationOf(inference);
  const port = deployment.port ?? service.port;
  return {
    version: 1,
    jobId,
    runId: service.id,
    experimentName: "",
    firstAttempt: 1,
    command: { kind: "python", script: SERVING.program, arguments: [inference.entryScript] },
    ...surroundingsOf(configuration, images),
    variables: {
      ...Object.fromEntries(Object.entries(configuration.environment.environmentVariables).filter(([name]) => VARIABLE_NAME.test(name))),
      ...variables,
      [SERVING.name]: service.name,
      [SERVING.port]: port === null ? "" : `${port}`,
      [SERVING.portIsFixed]: deployment.port === null ? "" : "yes",
    },
    communicator: "none",
    nodes: 1,
    processesPerNode: 1,
    tasks: null,
    spark: null,
    limits: { maxSeconds: null, graceSeconds: GRACE_SECONDS },
    logs: { build: LOG_FILES.build, control: LOG_FILES.control, driver: LOG_FILES.driver },
    watch: [],
    collect: [],
    data: dataOf(models),
    successCodes: [0],
  };
}

/** One model: its own folder; several or none: the folder of all (spec 11, section 2). */
function dataOf(models: ServiceRecord["definition"]["models"]): JobData[] {
  const [only, ...others] = models;
  const place = (path: string, variables: string[]): JobData => ({ path, make: false, variables, words: [], link: null });
  if (only === undefined || others.length > 0) return [place(MODELS, [SERVING.models, MODEL_DIR])];
  return [place(MODELS, [SERVING.models]), place(`${MODELS}/${only.name}/${only.version}`, [MODEL_DIR])];
}

const MODEL_DIR = "AZUREML_MODEL_DIR";
