import type { JsonValue } from "../json.ts";
import { key, laterKey, list, record, section } from "./reading/collections.ts";
import { anything, argument, count, type Field, flag, mismatch, number, text, type ValueOf, variable, word } from "./reading/field.ts";
import { dataField, dataReferencesField, outputDataField } from "./sections/data.ts";
import { dockerRuntimeSection, environmentSection } from "./sections/environment.ts";
import {
  amlComputeSection,
  batchAiSection,
  containerInstanceSection,
  hdiSection,
  historySection,
  mpiSection,
  parallelTaskSection,
  pyTorchSection,
  restartSection,
  returnCodeSection,
  sparkSection,
  tensorflowSection,
} from "./sections/job.ts";
import { COMBINED_FRAMEWORKS, COMMUNICATORS, FRAMEWORKS, RESERVED_TARGETS } from "./words.ts";

const olderFrameworks = Object.fromEntries(Object.entries(COMBINED_FRAMEWORKS).map(([older, [framework]]) => [older, framework]));

/** Every key of a run configuration (spec 01 §3 and §5), in the order that files have. */
export const runConfigurationSection = section({
  script: key(text(null), "script to run, relative to the source folder"),
  command: laterKey(commandField(), "command to run instead of a script"),
  useAbsolutePath: laterKey(flag(false), "the script's path is absolute on the compute"),
  arguments: key(list(argument()), "arguments of the script, in order"),
  target: key(targetField(), "local, amlcompute (a cluster for this run), containerinstance, or the name of a compute target"),
  framework: key(word(FRAMEWORKS, "Python", olderFrameworks), `one of ${FRAMEWORKS.join(", ")}`),
  communicator: key(word(COMMUNICATORS, "None"), `one of ${COMMUNICATORS.join(", ")}`),
  autoPrepareEnvironment: key(flag(true), "true: build the environment when it is not there yet; false: fail then", {
    also: ["prepareEnvironment"],
  }),
  maxRunDurationSeconds: key(number(null, { min: 0.001 }), "stop the run after this many seconds; empty: no limit"),
  nodeCount: key(count(1), "nodes of the managed cluster that the run takes"),
  priority: laterKey(number(null, { whole: true }), "place in the queue"),
  jobName: laterKey(text(null), "name to show"),
  environmentVariables: laterKey(record(variable()), "variables of this run, over those of its environment"),
  environment: key(environmentSection, "what the script needs around it"),
  docker: laterKey(dockerRuntimeSection, "container to run in, as later files give it"),
  history: key(historySection, "what is kept of the run"),
  spark: key(sparkSection, "used when framework is PySpark"),
  hdi: key(hdiSection, "used on an HDInsight cluster"),
  tensorflow: key(tensorflowSection, "used when communicator is ParameterServer"),
  mpi: key(mpiSection, "used when communicator is OpenMpi, IntelMpi or Mpi"),
  pyTorch: laterKey(pyTorchSection, "used when framework is PyTorch"),
  parallelTask: laterKey(parallelTaskSection, "used by parallel steps"),
  restart: laterKey(restartSection, "when the run goes on with another attempt"),
  dataReferences: key(dataReferencesField, "paths on datastores, by name"),
  data: key(dataField, "dataset inputs, by name"),
  outputData: laterKey(outputDataField, "dataset outputs, by name"),
  datacaches: laterKey(list(anything()), "caches of data"),
  sourceDirectoryDataStore: key(text(null), "datastore that backs the project folder"),
  amlCompute: key(amlComputeSection, "used when target is amlcompute", { yaml: "amlcompute" }),
  containerInstance: laterKey(containerInstanceSection, "used when target is containerinstance"),
  batchAi: laterKey(batchAiSection, "nodes, as older files give them"),
  commandReturnCodeConfig: laterKey(returnCodeSection, "which exit codes count as success"),
  credentialPassthrough: laterKey(flag(false), "run with the user's own identity"),
  identity: laterKey(anything(), "identity of the run"),
  exposedPorts: laterKey(anything(), "not used"),
  aiSuperComputer: laterKey(anything(), "not used"),
  cmk8sCompute: laterKey(anything(), "not used"),
  applicationEndpoints: laterKey(anything(), "not used"),
});

/** A run configuration with every default filled in. `others` of each section keeps keys this version does not know. */
export type RunConfiguration = ValueOf<typeof runConfigurationSection>;

/** A command line as one text, or as a list of its parts; empty when a script is run instead. */
function commandField(): Field<string | readonly string[]> {
  const parts = list(argument());
  const field: Field<string | readonly string[]> = {
    absent: () => "",
    read(given, place) {
      if (given.kind === "list") return parts.read(given, place);
      if (given.kind === "scalar") return given.text;
      return mismatch(field, "a text or a list of texts", given, place);
    },
    write: (value): JsonValue => value,
  };
  return field;
}

/** A compute target's name; the reserved ones are known in any case of letters. */
function targetField(): Field<string> {
  const name = text("local");
  return {
    ...name,
    read(given, place) {
      const said = name.read(given, place).trim();
      return RESERVED_TARGETS.find((reserved) => reserved === said.toLowerCase()) ?? (said === "" ? "local" : said);
    },
  };
}
