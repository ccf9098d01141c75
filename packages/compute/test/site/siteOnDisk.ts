import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Cursor } from "@switchyard/compute";
import { FolderCache } from "../../src/site/folderCache.ts";
import { observeJobs } from "../../src/site/observeJobs.ts";
import { ProcessTable, parseProcStat } from "../../src/site/processes.ts";

/** Job directories written by hand, to be looked at. */
export class SiteOnDisk {
  readonly root = mkdtempSync(join(tmpdir(), "switchyard-site-"));
  readonly processes = new ProcessTable();
  readonly folders = new FolderCache();

  directory(jobId: string): string {
    return join(this.root, "jobs", jobId);
  }

  attempt(jobId: string, number = 1): string {
    return join(this.directory(jobId), ".switchyard/attempts", `${number}`);
  }

  write(jobId: string, file: string, text: string, number = 1): void {
    const path = join(this.attempt(jobId, number), file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.tmp`, text);
    renameSync(`${path}.tmp`, path);
  }

  /** Makes the job one that runs, with this process in all three parts. */
  runs(jobId: string, number = 1): void {
    const start = process.platform === "linux" ? parseProcStat(readFileSync(`/proc/${process.pid}/stat`, "latin1")) : "-";
    const me = `${process.pid} ${start}`;
    this.write(jobId, "pids", `${me} ${me} ${me} ${this.processes.bootId ?? "-"}\n`, number);
  }

  ends(jobId: string, files: Record<string, number>, number = 1): void {
    const nulls = { signal: null, because: null, seconds: 1, cpuSeconds: 1, peakMemoryBytes: null };
    this.write(
      jobId,
      "ended.json",
      JSON.stringify({ at: "2026-01-01T00:00:00.000Z", kind: "ended", exitCode: 0, ...nulls, files }),
      number,
    );
  }

  async look(jobId: string, cursors: readonly Cursor[] = [], budgetBytes = 1_000_000) {
    const [look] = await this.lookAll([{ jobId, cursors }], budgetBytes);
    return look ?? { observation: undefined, standing: undefined };
  }

  lookAll(jobs: readonly { jobId: string; cursors: readonly Cursor[] }[], budgetBytes = 1_000_000) {
    const watched = jobs.map(({ jobId, cursors }) => ({ jobId, cursors, directory: this.directory(jobId) }));
    const reader = { folders: this.folders, processes: this.processes, node: "here" };
    return observeJobs(watched, budgetBytes, reader, AbortSignal.timeout(100_000));
  }

  close(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
