import {
  COMPUTE_KINDS,
  isDistributed,
  JOB_LAYOUT,
  type JobFile,
  LOG_FILES,
  NO_RUN_DATA,
  normaliseRunConfiguration,
  PLACEMENT_VARIABLES,
  processesOf,
  type RunConfiguration,
  type RunData,
  rankLog,
  usesDocker,
  watchableFolder,
} from "@switchyard/protocol";
import type { NodeRecord, RunRecord } from "@switchyard/store";
import { inputVariables, jobDataOf, knownWords } from "../data/jobData.ts";
import { lastAttempt } from "../runs/attempts.ts";
import { successCodesOf } from "../submit/successCodes.ts";
import type { Target } from "../targets.ts";
import { commandLineOf } from "./commandLine.ts";
import { configurationOn, surroundingsOf } from "./container.ts";
import { sparkOf } from "./spark.ts";

const DEFAULT_GRACE_SECONDS = 30;
const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** What the job of a run executes. `variables` come from the server and win over those of people (spec 03 §7). */
export function jobFileOf(
  run: RunRecord,
  jobId: string,
  variables: Readonly<Record<string, string>>,
  images: Readonly<Record<string, string>> = {},
  nodes: readonly NodeRecord[] = [],
  target: Pick<Target, "capabilities" | "isolation"> = { capabilities: COMPUTE_KINDS.local.capabilities },
  data: RunData = NO_RUN_DATA,
): JobFile {
  const { isolation } = target;
  const configuration = configurationOn(isolation, normaliseRunConfiguration(run.definition));
  const { outputCollection, directoriesToWatch } = configuration.history;
  const processes = processesOf(configuration);
  return {
    version: 1,
    jobId,
    runId: run.id,
    experimentName: run.experiment,
    firstAttempt: (lastAttempt(run.attempts)?.number ?? 0) + 1,
    command: commandOf(configuration, data),
    ...surroundingsOf(configuration, images, isolation),
    spark: sparkOf(configuration, target),
    variables: {
      ...variablesOfNode(nodes, configuration),
      ...variablesOf(configuration),
      ...inputVariables(data),
      ...variables,
      ...placementOf(nodes),
    },
    ...processes,
    limits: { maxSeconds: configuration.maxRunDurationSeconds, graceSeconds: DEFAULT_GRACE_SECONDS },
    logs: { build: LOG_FILES.build, control: LOG_FILES.control, driver: isDistributed(processes) ? rankLog(0) : LOG_FILES.driver },
    watch: directoriesToWatch.flatMap((folder) => watchableFolder(folder) ?? []),
    collect: outputCollection ? [JOB_LAYOUT.outputs, JOB_LAYOUT.checkpoints] : [],
    data: jobDataOf(data),
    successCodes: [...successCodesOf(run.definition)],
  };
}

function commandOf(configuration: RunConfiguration, data: RunData): JobFile["command"] {
  const { plain, inShell } = knownWords(data);
  const argumentsAsText = configuration.arguments.map(String).map(plain);
  const { script } = configuration;
  const words = Array.isArray(configuration.command) ? configuration.command.map(String) : [];
  const command = typeof configuration.command === "string" ? configuration.command : (commandLineOf(words) ?? "");
  if (command !== "") {
    // A command line is the shell's to read; arguments follow as the shell's own, so that nothing needs quoting.
    return {
      kind: "command",
      argv: ["sh", "-c", argumentsAsText.length === 0 ? inShell(command) : `${inShell(command)} "$@"`, "sh", ...argumentsAsText],
    };
  }
  if (words.length > 0) return { kind: "command", argv: [...words.map(plain), ...argumentsAsText] };
  return { kind: "python", script: script ?? "", arguments: argumentsAsText };
}

/** Which nodes the job was given: for the supervisor, which tells each process which one is its own. */
function placementOf(nodes: readonly NodeRecord[]): Record<string, string> {
  if (nodes.length === 0) return {};
  return {
    [PLACEMENT_VARIABLES.nodes]: nodes.map(({ id }) => id).join(" "),
    [PLACEMENT_VARIABLES.addresses]: nodes.map(({ address }) => address.privateIp ?? "127.0.0.1").join(" "),
  };
}

/** What a node has for the job on it. Processes on several nodes share their variables, and a container has folders of its own. */
function variablesOfNode(nodes: readonly NodeRecord[], configuration: RunConfiguration): Readonly<Record<string, string>> {
  const [node, ...others] = nodes;
  return node === undefined || others.length > 0 || usesDocker(configuration) ? {} : node.variables;
}

/** The environment's own variables, then the run's. */
function variablesOf(configuration: RunConfiguration): Record<string, string> {
  const all = { ...configuration.environment.environmentVariables, ...configuration.environmentVariables };
  return Object.fromEntries(Object.entries(all).filter(([name]) => VARIABLE_NAME.test(name)));
}
