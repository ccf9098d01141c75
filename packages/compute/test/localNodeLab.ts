import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { LocalNodeProvider } from "@switchyard/compute/localNodes";
import { type NodeLab, until } from "@switchyard/compute/testing";
import { readKeeper } from "../src/localNodes/nodeFolder.ts";
import { LocalLab, TOOLS } from "./localLab.ts";
import { isAlive, kill } from "./supervisor/harness.ts";

/** Nodes of this machine in a temporary folder. */
export class LocalNodeLab implements NodeLab {
  readonly #lab = new LocalLab();
  readonly #keepers = new Map<string, number>();

  get siteRoot(): string {
    return this.#lab.siteRoot;
  }

  folderOf(nodeId: string): string {
    return join(this.siteRoot, "nodes", nodeId);
  }

  async connect(): Promise<LocalNodeProvider> {
    return new LocalNodeProvider({ siteRoot: this.siteRoot, ...TOOLS });
  }

  connectDriver() {
    return this.#lab.connect();
  }

  cut() {
    return this.#lab.cut();
  }

  /** The keeper alone, as the machine's memory killer would. */
  async kill(nodeId: string): Promise<void> {
    const pid = this.#keeperOf(nodeId);
    if (pid === null || !isAlive(pid)) return;
    kill(pid);
    // a zombie still answers signals: it counts as alive until this process, its parent, has taken note of its end
    await until(`keeper ${pid} is dead`, () => !existsSync(`/proc/${pid}`));
  }

  async leftovers(nodeId: string): Promise<readonly string[]> {
    const session = this.#keeperOf(nodeId);
    return session === null ? [] : readdirSync("/proc").flatMap((pid) => (/^\d+$/.test(pid) && inSession(pid, session)) || []);
  }

  async close(): Promise<void> {
    for (const session of this.#keepers.values()) {
      try {
        process.kill(-session, "SIGKILL"); // what a keeper that was killed left
      } catch {
        // nothing
      }
    }
    await this.#lab.close();
  }

  /** Known also after its folder was removed. */
  #keeperOf(nodeId: string): number | null {
    const pid = readKeeper(this.folderOf(nodeId))?.pid;
    if (pid !== undefined) this.#keepers.set(nodeId, pid);
    return this.#keepers.get(nodeId) ?? null;
  }
}

/** The command of a living process of this session. */
function inSession(pid: string, session: number): string | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
    if (fields[0] === "Z" || Number(fields[3]) !== session) return undefined;
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return undefined; // it ended meanwhile
  }
}
