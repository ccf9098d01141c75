import { stat } from "node:fs/promises";
import { ask, type Check, findCommands, hint, ok } from "./check.ts";

type Env = Readonly<Record<string, string | undefined>>;

const ENGINES = ["docker", "podman"] as const;

/** What some compute targets use where it is found. Of what is not there only the container engine is worth a word. */
export async function checkEngines(env: Env): Promise<Check[]> {
  return (await Promise.all([checkContainers(env), checkSlurm(env), checkMpi(env), checkAgent(env)])).flat();
}

async function checkContainers(env: Env): Promise<Check[]> {
  const found = await findCommands(ENGINES, env);
  for (const engine of found) {
    const version = await ask(engine, ["info", "--format", engine === "docker" ? "{{.ServerVersion}}" : "{{.Version.Version}}"], env);
    if (version) return [ok("Container engine", `${engine} ${version}`)];
  }
  if (found.length === 0) {
    return [
      hint(
        "Container engine",
        `none of ${ENGINES.join(", ")}`,
        "Runs that ask for a Docker image cannot be on this machine. All others can.",
      ),
    ];
  }
  return [
    hint(
      "Container engine",
      `${found.join(", ")} does not answer`,
      "Runs that ask for a Docker image need it. Is the engine started, and may this account use it?",
    ),
  ];
}

async function checkSlurm(env: Env): Promise<Check[]> {
  if ((await findCommands(["sinfo", "sbatch"], env)).length < 2) return [];
  const partitions = await ask("sinfo", ["--noheader", "--format=%R"], env);
  if (partitions) return [ok("Slurm", `partitions ${[...new Set(partitions.split(/\s+/))].join(", ")}`)];
  return [hint("Slurm", "sinfo does not answer", "Clusters with --backend slurm need it. Does its controller (slurmctld) run?")];
}

async function checkMpi(env: Env): Promise<Check[]> {
  const version = await ask("mpirun", ["--version"], env);
  return version ? [ok("MPI", version.split("\n")[0]!)] : [];
}

async function checkAgent(env: Env): Promise<Check[]> {
  const socket = env.SSH_AUTH_SOCK;
  if (!socket) return [];
  const isThere = (await stat(socket).catch(() => null))?.isSocket() === true;
  if (isThere) return [ok("SSH agent", socket)];
  return [
    hint("SSH agent", `SSH_AUTH_SOCK names ${socket}, which is no socket`, "Machines attached with --use-agent need it. Start ssh-agent."),
  ];
}
