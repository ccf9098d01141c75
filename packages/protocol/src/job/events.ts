import { z } from "zod";

/** Instants come from the machine that ran the attempt; durations from its monotonic clock where it has one. */
const base = { at: z.iso.datetime() };

/** Why an attempt ended other than by the script's own end. */
export const END_REASONS = [
  "canceled",
  "time_limit",
  "abandoned", // the engine gave the job up earlier and told the machine to stop it
  "preempted", // its place was taken away, or is needed: the run goes on with another attempt
  "node_lost", // a node of it is gone: likewise
  "requeued", // a person told the scheduler to start the job again
  "not_started", // a scheduler ended the job before its script could begin
  "environment_failed",
  "interpreter_missing",
  "script_missing",
  "launcher_missing", // mpirun, srun, spark-submit and its Java: what starts the processes of the run
  "placement_failed", // the nodes that were given do not fit the job
  "disk_full",
  "container_failed", // there is no engine that works, or it could not make or start the container
  "out_of_memory", // the kernel killed a process of the run because its memory was used up
  "unknown", // supervisor and waiter are both gone: nobody saw the exit code
] as const;
export const endReason = z.enum(END_REASONS);
export type EndReason = z.infer<typeof endReason>;

/** Which process of a distributed run ended it; `number` null: not one of them, but what started them (`mpirun`). */
export const endedRank = z.object({ number: z.int().nullable(), node: z.string(), lines: z.array(z.string()) });

/** One line of `events.jsonl`, written by the supervisor alone. */
export const jobEvent = z.discriminatedUnion("kind", [
  z.object({ ...base, kind: z.literal("claimed"), host: z.string(), pid: z.int(), bootId: z.string().nullable() }),
  z.object({
    ...base,
    kind: z.literal("environment"),
    state: z.enum(["user", "waiting", "building", "built", "cached", "failed"]),
    name: z.string().nullable(),
    because: z.string().nullable().default(null),
    seconds: z.number().nullable().default(null),
  }),
  z.object({ ...base, kind: z.literal("started"), pid: z.int() }),
  z.object({ ...base, kind: z.literal("stopping"), because: endReason }),
  z.object({
    ...base,
    kind: z.literal("ended"),
    /** null when a signal ended it, it never started, or nobody saw it */
    exitCode: z.int().nullable(),
    /** `TERM`, `KILL`, … when a signal ended it */
    signal: z.string().nullable(),
    because: endReason.nullable(),
    /** of a distributed run that failed: which of its processes failed first, and the last lines of its log */
    rank: endedRank.optional(),
    /** of the script, from start to end */
    seconds: z.number().nullable(),
    cpuSeconds: z.number().nullable(),
    /** the most memory it is known to have had at once; null where that cannot be read, as of a script of about a second or less */
    peakMemoryBytes: z.number().nullable(),
    /** final size in bytes of every file below the attempt's folder that grows, this line's own file included as -1 */
    files: z.record(z.string(), z.int()),
  }),
]);
export type JobEvent = z.infer<typeof jobEvent>;
export type EndedEvent = Extract<JobEvent, { kind: "ended" }>;
