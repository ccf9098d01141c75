import {
  countProcesses,
  isDistributed,
  type JobContainer,
  type JobEnvironment,
  type JobFile,
  type JobSpark,
  LOG_FILES,
  PLACEMENT_VARIABLES,
} from "@switchyard/protocol";
import { quoteCommand, quoteDataPath } from "./commandWords.ts";
import { checkName, quoteShell } from "./quote.ts";

/** These are joined with values of the supervisor's own, so they are no plain variables of the script. */
const COMPOSED = ["PATH", "PYTHONPATH", "PYTHONUNBUFFERED"] as const;

/**
 * The text of `.switchyard/job.sh`: what the supervisor needs of `job.json`, as assignments. Lists are functions that call
 * their words with the list's items appended, because POSIX sh has no arrays: `sy_with_command exec python`.
 */
export function renderJobShell(job: JobFile): string {
  const composed: ReadonlySet<string> = new Set(COMPOSED);
  const variables = Object.entries(job.variables);
  const [program, words] = commandOf(job);
  const assignments: Record<string, string> = {
    SY_JOB_ID: job.jobId,
    SY_RUN_ID: job.runId,
    SY_FIRST_ATTEMPT: `${job.firstAttempt}`,
    SY_COMMAND: job.command.kind,
    SY_SCRIPT: program,
    ...environmentOf(job.environment),
    ...containerOf(job.container),
    ...sparkOf(job),
    SY_DISTRIBUTED: isDistributed(job) ? "yes" : "",
    SY_COMMUNICATOR: job.communicator,
    SY_NODES: `${job.nodes}`,
    SY_PROCESSES_PER_NODE: `${job.processesPerNode}`,
    SY_PROCESSES: `${countProcesses(job)}`,
    SY_WORKERS: `${job.tasks?.workers ?? 0}`,
    SY_SUCCESS_CODES: job.successCodes.join(" "),
    SY_MAX_SECONDS: job.limits.maxSeconds === null ? "" : plainNumber(Math.max(0.01, job.limits.maxSeconds)),
    SY_GRACE_SECONDS: plainNumber(job.limits.graceSeconds),
    SY_LOG_BUILD: job.logs.build,
    SY_LOG_CONTROL: job.logs.control,
    SY_LOG_DRIVER: job.logs.driver,
    SY_LOG_MPI: LOG_FILES.mpi,
    SY_NODE_NAMES: job.variables[PLACEMENT_VARIABLES.nodes] ?? "",
    SY_NODE_ADDRESSES: job.variables[PLACEMENT_VARIABLES.addresses] ?? "",
    SY_PLACEMENT_MPI: job.variables[PLACEMENT_VARIABLES.mpi] ?? "",
    SY_MASTER_PORT: /^\d{1,5}$/.test(job.variables.MASTER_PORT ?? "") ? (job.variables.MASTER_PORT ?? "") : "",
    ...Object.fromEntries(COMPOSED.map((name) => [`SY_${name}`, job.variables[name] ?? ""])),
  };
  return [
    "# Made from job.json for the supervisor.\n",
    ...Object.entries(assignments).map(([name, value]) => `${name}=${quoteShell(value, name)}\n`),
    listQuoted("sy_with_command", quoteCommand(job, words)),
    listQuoted("sy_with_variables", [...variables.filter(([name]) => !composed.has(name)).map(quoteVariable), ...dataVariables(job)]),
    list(
      "sy_with_data",
      job.data.flatMap(({ make, path, link }) => [make ? "make" : "keep", path, link ?? ""]),
      "a place of data",
    ),
    list("sy_with_watched", job.watch, "a watched folder"),
    list("sy_with_collected", job.collect, "a collected folder"),
    list("sy_with_spark", job.spark === null ? [] : sparkOptions(job.spark), "an option of spark-submit"),
    list("sy_with_container_arguments", job.container?.arguments ?? [], "a container argument"),
  ].join("");
}

/** What is looked for before the start, and the words after the program. */
function commandOf({ command }: JobFile): [string, readonly string[]] {
  if (command.kind === "python") {
    // the Python client, which every job has beside it, executes a notebook
    const how = isNotebook(command.script) ? ["-m", "switchyard_client.notebookscript"] : [];
    return [command.script, [...how, command.script, ...command.arguments]];
  }
  const [program = "", ...rest] = command.argv;
  return [program, rest];
}

/** A script that is a notebook: executed from top to bottom, and kept with its outputs. */
const isNotebook = (script: string): boolean => script.endsWith(".ipynb");

function environmentOf(environment: JobEnvironment): Record<string, string> {
  if (environment.kind === "user") return { SY_ENVIRONMENT: "user", SY_INTERPRETER: environment.interpreter, SY_ENVIRONMENT_NAME: "" };
  return {
    SY_ENVIRONMENT: "system",
    SY_ENVIRONMENT_NAME: environment.name,
    SY_PYTHON: environment.python ?? "",
    SY_MAY_BUILD: environment.mayBuild ? "yes" : "no",
    SY_WHY_NOT_PIP: environment.whyNotPip ?? "",
  };
}

function containerOf(container: JobContainer | null): Record<string, string> {
  if (container === null) return { SY_CONTAINER: "" };
  return {
    SY_CONTAINER: "yes",
    SY_IMAGE: container.image ?? "",
    SY_DOCKERFILE: container.dockerfile ?? "",
    SY_ENVIRONMENT_NAME: container.builtAs ?? "",
    SY_MAY_BUILD: container.mayBuild ? "yes" : "no",
    SY_ISOLATED: container.isolated ? "yes" : "",
    SY_GPU: container.gpu,
    SY_SHM_SIZE: container.shmSize ?? "",
    SY_REGISTRY: container.registry.address ?? "",
    SY_REGISTRY_USER: container.registry.username ?? "",
  };
}

function sparkOf({ spark, variables }: JobFile): Record<string, string> {
  if (spark === null) return { SY_SPARK: "" };
  return {
    SY_SPARK: spark.installation,
    SY_SPARK_MASTER: spark.configuration["spark.master"] ?? "",
    SY_DEPLOY_MODE: spark.deployMode,
    // those of the job, which only the script gets
    SY_SPARK_HOME: variables.SPARK_HOME ?? "",
    SY_JAVA_HOME: variables.JAVA_HOME ?? "",
    SY_SPARK_CONF_DIR: variables.SPARK_CONF_DIR ?? "",
  };
}

function sparkOptions({ configuration, packages, repositories }: JobSpark): string[] {
  return [
    ...(packages.length === 0 ? [] : ["--packages", packages.join(",")]),
    ...(repositories.length === 0 ? [] : ["--repositories", repositories.join(",")]),
    ...Object.entries(configuration).flatMap(([name, value]) => ["--conf", `${name}=${value}`]),
  ];
}

const quoteVariable = ([name, value]: [string, string]) => quoteShell(`${checkName(name)}=${value}`, "a variable");

/** Paths of data hold where the job directory lies, which only the shell there knows. */
function dataVariables({ data }: JobFile): string[] {
  return data.flatMap(({ path, variables }) => variables.map((name) => `${checkName(name)}=${quoteDataPath(path)}`));
}

/** Without an exponent, which neither `sleep` nor shell arithmetic reads; hundredths of a second are enough. */
const plainNumber = (seconds: number) => `${Number(Math.min(seconds, 1e9).toFixed(2))}`;

function list(name: string, items: readonly string[], what: string): string {
  return listQuoted(
    name,
    items.map((item) => quoteShell(item, what)),
  );
}

const listQuoted = (name: string, items: readonly string[]): string => `${name}() { "$@"${items.map((item) => ` ${item}`).join("")}; }\n`;
