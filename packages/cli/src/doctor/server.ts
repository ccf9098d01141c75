import { constants } from "node:fs";
import { access, readFile, stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { bytesInWords } from "../output/words.ts";
import type { SdkNode } from "../world.ts";
import { ask, type Check, hint, missing, ok } from "./check.ts";

/** Below this a few runs may fill the disk. */
const LITTLE_SPACE = 2_000_000_000;
/** Below this nothing works. */
const NO_SPACE = 50_000_000;

/** The home folder: may be written, is closed to others, has room. */
export async function checkHome(home: string): Promise<Check[]> {
  const existing = await nearestExisting(home);
  const mayWrite = await access(existing, constants.W_OK).then(
    () => true,
    () => false,
  );
  const checks = [
    mayWrite
      ? ok("Home", home)
      : missing(
          "Home",
          `${home} cannot be written`,
          `Give this account the right to write ${existing}, or choose another home with --home.`,
        ),
    await checkSpace(existing),
  ];
  if (existing === home) checks.push(...(await checkModes(home)));
  return checks;
}

async function checkSpace(folder: string): Promise<Check> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const found = `${bytesInWords(free)} free`;
  if (free < NO_SPACE)
    return missing("Disk", found, "Runs and the database cannot be stored. Free some space, or choose another home with --home.");
  return free < LITTLE_SPACE
    ? hint("Disk", found, "Little for environments and outputs. `switchyard gc` shows what can go.")
    : ok("Disk", found);
}

/** Files that hold secrets must be closed to other accounts. */
async function checkModes(home: string): Promise<Check[]> {
  const open: string[] = [];
  for (const name of ["token", "key"]) {
    const found = await stat(`${home}/${name}`).catch(() => null);
    if (found && (found.mode & 0o077) !== 0) open.push(`${home}/${name}`);
  }
  if (open.length === 0) return [ok("Secrets", "closed to other accounts")];
  return [missing("Secrets", `${open.join(", ")} can be read by other accounts`, `chmod 600 ${open.join(" ")}`)];
}

async function nearestExisting(path: string): Promise<string> {
  for (let folder = path; ; folder = dirname(folder)) {
    if ((await stat(folder).catch(() => null))?.isDirectory() || dirname(folder) === folder) return folder;
  }
}

/** Whether the server of this home answers, and whether stopping it would take local runs along. */
export async function checkServer(
  home: string,
  sdk: () => Promise<SdkNode>,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Check[]> {
  const { findServer, connect } = await sdk();
  const running = await findServer(home);
  if (running === null) return [ok("Server", "not running; it starts when it is needed")];
  try {
    const status = await (await connect({ home, start: false })).serverStatus({});
    return [ok("Server", `${status.url}, version ${status.version}, pid ${status.pid}`), ...(await checkSystemd(status.pid, env))];
  } catch (error) {
    const advice = `${(error as Error).message} Look into ${home}/logs, then \`switchyard down\` and \`switchyard up\`.`;
    return [missing("Server", "is there but does not answer", advice)];
  }
}

/** systemd stops every process of a unit with it, unless the unit says KillMode=process. */
async function checkSystemd(pid: number, env: Readonly<Record<string, string | undefined>>): Promise<Check[]> {
  const groups = await readFile(`/proc/${pid}/cgroup`, "utf8").catch(() => "");
  const unit = /\/([^/\n]+\.service)(?:\/|$)/m.exec(groups)?.[1];
  if (!unit || unit.startsWith("user@") || unit.startsWith("session")) return [];
  const mode = await ask("systemctl", ["show", "--property=KillMode", "--value", unit], env);
  if (mode === "process" || mode === "none") return [ok("systemd", `${unit} leaves runs alone (KillMode=${mode})`)];
  return [
    hint(
      "systemd",
      `the server runs in ${unit}`,
      "Stopping that unit ends local runs with it. Set KillMode=process in its [Service] section.",
    ),
  ];
}
