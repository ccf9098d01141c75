/**
 * Where things lie in a run directory (design: "A run directory"). Every driver, the supervisor, the sampler and the
 * Python client agree on these names; the supervisor's own copy is in `compute/supervisor/supervise`.
 *
 *     <job directory>/
 *       code/                    the snapshot, the script's working directory
 *         outputs -> ../outputs  checkpoints -> ../checkpoints  logs -> ../.switchyard/attempts/<n>/logs
 *       outputs/ checkpoints/
 *       data/<input>/ dataoutputs/<output>/
 *       .switchyard/
 *         job.json job.sh        what to run: for programs, and the same as shell assignments for the supervisor
 *         secret.sh              0600; exports of the tokens a run needs
 *         supervise              the supervisor
 *         environment/           conda.yml, pip.txt, requirements.txt when the environment is system-managed; constraints.txt and
 *                                wheels/ for stand-ins of other versions than those in wheels/
 *         python/                the client
 *         wheels/                stand-ins for the vendor's packages
 *         attempts/<n>/          one start of the script; made with mkdir by the supervisor: the claim
 *           events.jsonl  journal/<writer>.jsonl  azureml-logs/*.txt  logs/**
 *           pids  exit  ended.json  stop
 */
export const JOB_LAYOUT = {
  code: "code",
  outputs: "outputs",
  checkpoints: "checkpoints",
  /** what the script handed over by name (`run.upload_file`): brought home under that name */
  uploads: "uploads",
  /** `children/<run id>/{outputs,uploads}`: the same of child runs that the script made, and of runs above it */
  children: "children",
  /** what the job reads from datastores, `data/<input>/…` */
  data: "data",
  /** what the script wrote for datastores, `dataoutputs/<output>/…`: brought home at the end, then put there */
  dataOutputs: "dataoutputs",
  own: ".switchyard",
  jobFile: ".switchyard/job.json",
  jobShell: ".switchyard/job.sh",
  secrets: ".switchyard/secret.sh",
  supervisor: ".switchyard/supervise",
  environment: ".switchyard/environment",
  python: ".switchyard/python",
  wheels: ".switchyard/wheels",
  attempts: ".switchyard/attempts",
} as const;

/** Below `attempts/<n>/`. */
export const ATTEMPT_LAYOUT = {
  events: "events.jsonl",
  journal: "journal",
  systemLogs: "azureml-logs",
  watched: "logs",
  /** `<supervisor pid> <its start time> <waiter pid> <start> <script pid> <start> <boot id>`, replaced by rename */
  pids: "pids",
  /** written by the waiter: the exit code as `wait` gives it (128 + signal number for a signal) */
  exit: "exit",
  /** the `ended` event once more, complete when it exists */
  ended: "ended.json",
  /** of a distributed run: what the launcher and the ranks tell each other */
  ranks: "ranks",
  /** why the attempt is being stopped: `canceled`, `time_limit`, `abandoned`, `preempted`, `node_lost`; made by `supervise stop` */
  stop: "stop",
  /** of a run in a container: the engine's command, the container's name, DOCKER_HOST, one a line */
  container: "container",
} as const;

/** Names of the system logs, in the order a person reads them (spec 05 §7). */
export const LOG_FILES = {
  build: "azureml-logs/20_image_build_log.txt",
  control: "azureml-logs/60_control_log.txt",
  driverOnCluster: "azureml-logs/70_driver_log.txt",
  driver: "azureml-logs/80_driver_log.txt",
  /** what mpirun or srun itself says, beside the logs of the ranks */
  mpi: "azureml-logs/70_mpi_log.txt",
  /** written by the engine from the attempt's events */
  processInfo: "azureml-logs/process_info.json",
  processStatus: "azureml-logs/process_status.json",
} as const;

/** The log of one process of a distributed run. */
export const rankLog = (rank: number): string => `azureml-logs/70_driver_log_${rank}.txt`;
/** Which rank's log a file is; null for every other file. */
export function rankOfLog(file: string): number | null {
  const rank = /^azureml-logs\/70_driver_log_(\d+)\.txt$/.exec(file)?.[1];
  return rank === undefined ? null : Number(rank);
}

/** A path below `attempts/<n>/`, with `/` between its parts; what cursors and observations name. */
export type FileName = string;

export const isJournal = (file: FileName): boolean => file.startsWith("journal/") && file.endsWith(".jsonl");
export const isEvents = (file: FileName): boolean => file === ATTEMPT_LAYOUT.events;
/** The file lies in a folder of the attempt that no person reads: `sampling` is a lock, `http` stands for lines sent
 *  over HTTP, `ranks` is how a launcher and its processes talk, `inside` how a container talks to who watches it. */
const isInOwnFolder = (file: FileName): boolean => /^(journal|sampling|http|ranks|inside)\//.test(file);
/** Everything in a folder that grows and is no journal is a log a person may read: system logs and watched folders. */
export const isLog = (file: FileName): boolean => file.includes("/") && !isInOwnFolder(file);
/** What comes home while it grows. */
export const isGrowing = (file: FileName): boolean => isEvents(file) || isJournal(file) || isLog(file);

/** Names below `attempts/<n>/` that the supervisor needs for itself. */
const OWN_NAMES =
  /^(journal|sampling|http|ranks|inside|pids|exit|stop|stopper|limiter|started|times|peak|reserve|closing|container|refused|watched|init|builder|events\.jsonl|ended\.json|.*\.tmp)$/;

/** `./logs/` as `logs`; null for what cannot be watched: a path that leads out, or a name that an attempt needs for itself. */
export function watchableFolder(folder: string): string | null {
  const parts = folder.split("/").filter((part) => part !== "" && part !== ".");
  const [first] = parts;
  if (first === undefined || folder.startsWith("/") || folder.includes("\0") || parts.includes("..")) return null;
  return first.startsWith(".switchyard") || OWN_NAMES.test(first) ? null : parts.join("/");
}
