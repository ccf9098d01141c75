import type { Communicator } from "@switchyard/protocol";
import { choice, count, pairs, seconds, tags, text, toggle } from "../flags.ts";

/** The words of a run configuration; written out, because loading that part of the protocol takes longer than a submission should. */
const COMMUNICATORS = ["None", "Mpi", "OpenMpi", "IntelMpi", "Gloo", "Nccl", "ParameterServer"] as const satisfies readonly Communicator[];

/** What a script submission may say; `submit` and `run submit-script` take the same words. */
export const SUBMIT_ARGS = {
  script: { optional: "the script, below the source folder; the run configuration may name it instead" },
  arguments: { rest: "arguments of the script; they replace those of the run configuration" },
} as const;

export const SUBMIT_FLAGS = {
  configuration: text({
    short: "c",
    long: "run-configuration-name",
    help: "run configuration: name in .azureml/ or aml_config/, or path; default: local when there is one",
    valueName: "NAME",
  }),
  experiment: text({
    short: "e",
    long: "experiment-name",
    help: "experiment; default: that of the folder, else its name",
    valueName: "NAME",
  }),
  target: text({ aliases: ["ct"], help: "compute target; default: that of the run configuration, else local", valueName: "NAME" }),
  nodeCount: count({ help: "nodes of a cluster that the run takes, all at once" }),
  communicator: choice(COMMUNICATORS)({
    help: "how the processes of a distributed run find each other; in any case of letters",
    valueName: "none|mpi|gloo|nccl|…",
  }),
  processCountPerNode: count({ help: "processes on each node, with mpi, gloo or nccl" }),
  python: text({ help: "run with this interpreter and what is installed for it", valueName: "PATH" }),
  condaFile: text({ short: "d", aliases: ["conda-dependencies"], help: "build an environment from this conda file", valueName: "FILE" }),
  pipRequirements: text({ help: "build an environment from this requirements file", valueName: "FILE" }),
  environment: text({ help: "use this registered environment; default version: the latest", valueName: "NAME[:VERSION]" }),
  env: pairs({ help: "environment variable for the script; repeatable" }),
  maxSeconds: seconds({ help: "stop the run after this long" }),
  sourceDirectory: text({ help: "folder that travels; default: the project folder", valueName: "FOLDER" }),
  name: text({ aliases: ["display-name"], help: "name to show", valueName: "NAME" }),
  tag: tags({ help: "tag of the run; repeatable" }),
  async: toggle({ help: "return as soon as the run is submitted" }),
};
