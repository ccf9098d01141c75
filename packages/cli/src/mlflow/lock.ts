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
      await handle.writeFile(`${process.pid} ${now.toISOString()}\n`);
      await handle.close();
      return () => rm(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const [pid, since] = (await readFile(file, "utf8").catch(() => "")).trim().split(" ");
    if (pid && isAlive(Number(pid))) {
      throw new Conflict(`An import into this server is going on since ${since} (process ${pid}). Wait for its end, or end it.`);
    }
    await rm(file, { force: true });
  }
  throw new Conflict(`"${file}" is taken again and again. Is another import being started?`);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
