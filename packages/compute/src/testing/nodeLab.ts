import type { ComputeDriver } from "../contract.ts";
import type { NodeProvider } from "../nodes/provider.ts";

/** A place for nodes made for one test, and what a test can do to it from outside. */
export interface NodeLab {
  /** A new provider of the same place, as after a restart. */
  connect(): Promise<NodeProvider>;
  /** Carries jobs to these nodes. */
  connectDriver(): Promise<ComputeDriver>;
  /** Cuts the place off; the returned function mends it. */
  cut(): Promise<() => Promise<void>>;
  /** Ends a node as a power cut would: without a word. */
  kill(nodeId: string): Promise<void>;
  /** What of a node still runs, in words; empty when nothing does. */
  leftovers(nodeId: string): Promise<readonly string[]>;
  close(): Promise<void>;
}
