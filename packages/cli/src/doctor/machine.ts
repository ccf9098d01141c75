import { ask, type Check, findCommands, hint, missing, ok } from "./check.ts";

type Env = Readonly<Record<string, string | undefined>>;
const OLDEST_NODE = [22, 13] as const;

/** What runs need of the machine they are on. */
export async function checkMachine(env: Env, nodeVersion = process.versions.node): Promise<Check[]> {
  const rest = await Promise.all([
    checkPlatform(),
    checkTool("sh", "The supervisor of every run is a shell script. Install a POSIX shell.", env),
    checkTool("tar", "Snapshots are packed with it. Install tar.", env),
    checkDetaching(env),
    checkPython(env),
    checkVenv(env),
    checkBuilders(env),
    checkGit(env),
  ]);
  return [checkNode(nodeVersion), ...rest];
}

function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const newEnough = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
  return newEnough ? ok("Node", version) : missing("Node", version, `Switchyard needs Node ${OLDEST_NODE.join(".")} or newer.`);
}

async function checkPlatform(): Promise<Check> {
  if (process.platform === "linux" || process.platform === "darwin") return ok("System", `${process.platform} ${process.arch}`);
  return missing("System", process.platform, "Server and command line run on Linux and macOS; on Windows use them inside WSL.");
}

async function checkTool(name: string, advice: string, env: Env): Promise<Check> {
  const found = await findCommands([name], env);
  return found.length > 0 ? ok(name, "found") : missing(name, "not found", advice);
}

async function checkDetaching(env: Env): Promise<Check> {
  const found = await findCommands(["setsid", "python3", "perl"], env);
  if (found.length > 0) return ok("Detaching", found[0]!);
  return missing("Detaching", "none of setsid, python3, perl", "A run must outlive the server that started it. Install one of them.");
}

async function checkPython(env: Env): Promise<Check> {
  const version = await ask("python3", ["--version"], env);
  if (version) return ok("Python", version);
  return missing(
    "Python",
    "python3 not found",
    "Python scripts need it. Install Python 3.6 or newer, or name an interpreter with --python.",
  );
}

async function checkVenv(env: Env): Promise<Check> {
  if ((await ask("python3", ["-c", "import venv, ensurepip"], env)) !== null) return ok("venv", "python3 can make virtual environments");
  return hint(
    "venv",
    "python3 cannot make virtual environments",
    "Needed for system-managed environments without conda or uv. On Debian: apt install python3-venv.",
  );
}

async function checkBuilders(env: Env): Promise<Check> {
  const found = await findCommands(["micromamba", "mamba", "conda", "uv"], env);
  const conda = found.filter((name) => name !== "uv");
  if (conda.length > 0) return ok("Environment builders", found.join(", "));
  return hint(
    "Environment builders",
    found.length > 0 ? "uv" : "none of micromamba, mamba, conda, uv",
    "Environments whose packages all come from a Python index are still built (venv or uv). For conda packages install micromamba.",
  );
}

async function checkGit(env: Env): Promise<Check> {
  const version = await ask("git", ["--version"], env);
  return version ? ok("Git", version) : hint("Git", "not found", "Without it runs do not record branch and commit.");
}
