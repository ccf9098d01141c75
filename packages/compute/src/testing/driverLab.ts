import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ComputeDriver, JobHandle } from "../contract.ts";

/** A compute made for one test, and what a test can do to it from outside. */
export interface DriverLab {
  /** A new driver to the same compute, as after a restart. */
  connect(): Promise<ComputeDriver>;
  /** Cuts the compute off; the returned function mends it. */
  cut(): Promise<() => Promise<void>>;
  /** Where a job lies, on computes whose job directories are folders of this machine. */
  readonly directoryOf?: (handle: JobHandle) => string;
  close(): Promise<void>;
}

/** Something that a job's script waits for and a test opens. */
export class Gate {
  readonly #folder = mkdtempSync(join(tmpdir(), "switchyard-gate-"));
  readonly path = join(this.#folder, "open");

  constructor() {
    chmodSync(this.#folder, 0o755); // scripts that wait for it may run as somebody else
  }

  open(): void {
    writeFileSync(this.path, "");
  }

  /** Opens it, so that nobody waits for ever, and cleans up. */
  close(): void {
    this.open();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
