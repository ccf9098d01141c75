import type { ComputeDriver } from "@switchyard/compute";
import type { ManagedCluster, Target } from "@switchyard/engine";
import type { ComputeNode, JsonObject } from "@switchyard/protocol";
import type { ComputeRecord } from "@switchyard/store";

/** What differs from one kind of compute target to the next. A new kind is one more of these, and a line in `kinds.ts`. */
export interface KindOfCompute {
  /** What is attached, in one spelling, so that it is not attached twice; null where that cannot happen. */
  resourceOf?(settings: JsonObject): string;
  /** Refuses at once what can never work, before anything is kept. */
  check?(settings: JsonObject, secret: JsonObject): void;
  /**
   * Makes the target usable, or checks that it is: the log-in of a machine, the partition of a Slurm. Done again after a
   * crash it must do no harm. Returns facts to keep with the record; throws an error in words for a person.
   */
  provision(record: ComputeRecord, secret: JsonObject, signal: AbortSignal): Promise<JsonObject>;
  /** Frees what `provision` and the runs have left. Done again it must do no harm. */
  unprovision?(record: ComputeRecord, secret: JsonObject, signal: AbortSignal): Promise<void>;
  /** Carries the jobs; `name` is the name it has to have. */
  driver(record: ComputeRecord, secret: JsonObject, name: string): ComputeDriver;
  /** What the engine has to know of it. */
  place(
    record: ComputeRecord,
  ): Pick<Target, "maxConcurrentRuns" | "maxNodes"> &
    Partial<Pick<Target, "nodesAtOnce" | "onlyFor" | "onlyForBecause" | "isolation" | "madeFor" | "room" | "closedBecause" | "vacates">>;
  /** The kind's own status, as v1 shows it. */
  status?(record: ComputeRecord): Promise<JsonObject> | JsonObject;
  nodes?(record: ComputeRecord): Promise<readonly ComputeNode[]>;
  /** Present on clusters whose nodes we make and give to runs ourselves; null where somebody else does. */
  cluster?(record: ComputeRecord): ManagedCluster | null;
  /** Takes a node away as its owner might: the one named, else one that runs something. */
  preempt?(record: ComputeRecord, nodeId: string | undefined, signal: AbortSignal): Promise<void>;
  /** Present on what can be stopped and started. */
  power?: { readonly startedFacts: JsonObject; readonly stoppedFacts: JsonObject };
  /** Settings that may be changed; throws where a change cannot be. */
  update?(settings: JsonObject, changes: JsonObject): JsonObject;
}
