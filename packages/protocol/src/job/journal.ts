import { z } from "zod";
import { jsonValue } from "../json.ts";

/**
 * One line of `journal/<writer>.jsonl`: what a script logged, in the order it logged it. A writer is one process; its
 * records are numbered 1, 2, 3, … and are known by (run, attempt, writer, number). `t` is the writer's clock in seconds
 * since 1970 UTC. A line that is not a whole record (torn by a full disk or a kill) is skipped and counted.
 *
 * Golden examples: `protocol/golden/journal.jsonl`, read by the tests of both languages.
 */
const base = { n: z.int().min(1), t: z.number() };
/** A run other than the journal's own that the record belongs to: a child whose parent's script logs for it. */
const about = { run: z.string().optional() };

const labels = z.array(z.object({ name: z.string(), value: z.string() }));

export const journalNumber = z.union([z.number(), z.enum(["NaN", "Infinity", "-Infinity"])]);

export const journalRecord = z.discriminatedUnion("k", [
  /** `run.log(name, number)`; `s` is the caller's step, `at` the time it gave (milliseconds since 1970 UTC) where it is not `t` */
  z.object({
    ...base,
    ...about,
    k: z.literal("m"),
    name: z.string(),
    v: journalNumber,
    s: z.number().optional(),
    at: z.number().optional(),
    /** a logged model that it belongs to as well, and the dataset it was measured on */
    model: z.string().optional(),
    dataset: z.object({ name: z.string(), digest: z.string() }).optional(),
  }),
  /** all else that `log_*` takes; `kind` as in metricKind, `v` its JSON value */
  z.object({
    ...base,
    ...about,
    k: z.literal("v"),
    name: z.string(),
    kind: z.enum(["text", "list", "row", "table", "image", "chart"]),
    v: jsonValue,
    s: z.number().optional(),
  }),
  z.object({ ...base, ...about, k: z.literal("tag"), name: z.string(), v: z.string().nullable() }),
  z.object({ ...base, ...about, k: z.literal("untag"), name: z.string() }),
  z.object({ ...base, ...about, k: z.literal("property"), name: z.string(), v: z.string() }),
  /** MLflow's `log_param`: what the run was made with; the first value stays */
  z.object({ ...base, ...about, k: z.literal("param"), name: z.string(), v: z.string() }),
  /** a dataset that the run reads, in MLflow's words */
  z.object({
    ...base,
    ...about,
    k: z.literal("dataset"),
    dataset: z.object({
      name: z.string(),
      digest: z.string(),
      sourceType: z.string(),
      source: z.string(),
      schema: z.string().nullable(),
      profile: z.string().nullable(),
    }),
    tags: labels,
  }),
  /** a model that the run logs: made by the first record of its id, changed by those that follow */
  z.object({
    ...base,
    ...about,
    k: z.literal("model"),
    model: z.string().regex(/^m-[0-9a-f]{32}$/),
    title: z.string().optional(),
    type: z.string().nullable().optional(),
    status: z.enum(["PENDING", "READY", "UPLOAD_FAILED"]).optional(),
    params: labels.optional(),
    tags: labels.optional(),
    untag: z.string().optional(),
  }),
  /** a logged model that the run reads or made */
  z.object({
    ...base,
    ...about,
    k: z.literal("link"),
    direction: z.enum(["input", "output"]),
    model: z.string(),
    s: z.number().optional(),
  }),
  /** displayName or description */
  z.object({ ...base, ...about, k: z.literal("set"), name: z.enum(["displayName", "description"]), v: z.string() }),
  /** a note: `run.complete()`, MLflow's `end_run` */
  z.object({ ...base, ...about, k: z.literal("complete") }),
  /** `run.fail()`: vetoes success */
  z.object({ ...base, ...about, k: z.literal("fail"), code: z.string().nullable(), message: z.string().nullable() }),
  /** a child run with an id minted by the client */
  z.object({ ...base, ...about, k: z.literal("child"), child: z.string(), name: z.string().nullable() }),
  /** the script goes on from what an earlier attempt left: charts then show both attempts as one curve */
  z.object({ ...base, k: z.literal("resume") }),
  /** written by the sampler, writer `_host`: use of the run's processes; nulls where it cannot be read */
  z.object({
    ...base,
    k: z.literal("use"),
    cpu: z.number().nullable(),
    memory: z.number().nullable(),
    gpu: z.number().nullable(),
    gpuMemory: z.number().nullable(),
  }),
]);
export type JournalRecord = z.infer<typeof journalRecord>;
