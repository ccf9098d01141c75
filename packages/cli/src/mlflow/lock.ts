import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, open, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Conflict } from "@switchyard/protocol/errors";

/** Keeps two imports from bringing the same run at once. Returns how to let go. A lock whose process is gone is taken over. */
export async function holdLock(home: string, now: Date): Promise<() => Promise<void>> {
  const file = join(home, "import-mlflow.lock");
  await mkdir(dirname(file), { recursive: true });
  for (let tries = 0; tries < 3; tries++) {
    try {
      const handle = await open(file, "wx");
      await handle.writeFile(`${process.pid} ${now.toISOString()} ${beginningOf(process.pid) ?? ""}\n`);
      await handle.close();
      return () => rm(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const [, pid, since, began] = /^(\d+) (\S+) ?(.*)$/m.exec(await readFile(file, "utf8").catch(() => "")) ?? [];
    if (pid !== undefined && livesStill(Number(pid), began)) {
      throw new Conflict(`An import into this server is going on since ${since} (process ${pid}). Wait for its end, or end it.`);
    }
    await rm(file, { force: true });
  }
  throw new Conflict(`"${file}" is taken again and again. Is another import being started?`);
}

/** A pid is given out again, after a restart of the machine for example; what began at another time is somebody else. */
function livesStill(pid: number, began: string | undefined): boolean {
  const found = beginningOf(pid);
  return found !== null && (!began || began === found);
}

/**
 * When a process began, in the machine's own notation; null when there is none. What was killed and whose parent has not
 * asked for it yet (a zombie, for good in containers whose first process asks for none) has ended.
 */
function beginningOf(pid: number): string | null {
  if (existsSync("/proc/self/stat")) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" "); // a name may hold blanks and parentheses
      return /[ZX]/.test(fields[0]!) ? null : (fields[19] ?? null);
    } catch {
      return null;
    }
  }
  try {
    const said = execFileSync("ps", ["-o", "state=,lstart=", "-p", String(pid)], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    return said.startsWith("Z") ? null : said.trim().replace(/^\S+\s+/, "") || null;
  } catch {
    return null;
  }
}
