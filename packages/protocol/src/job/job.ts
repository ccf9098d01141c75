import { z } from "zod";

/** How the interpreter and the packages come about. */
export const jobEnvironment = z.discriminatedUnion("kind", [
  /** The user installed everything; nothing is checked. */
  z.object({ kind: z.literal("user"), interpreter: z.string().min(1) }),
  /** Built once per machine under `name` (a hash of the specification), then reused. */
  z.object({
    kind: z.literal("system"),
    name: z.string().regex(/^azureml_[0-9a-f]{32}$/),
    /** text of the conda file, for micromamba, mamba or conda */
    conda: z.string(),
    /** the same as a pip requirements text, or null when a Python index cannot serve all of it */
    requirements: z.string().nullable(),
    /** what a Python index cannot serve, in words; null when it can */
    whyNotPip: z.string().nullable(),
    /** `3.11` or `3.11.4` or null when any Python will do */
    python: z.string().nullable(),
    /** false: fail at once when the environment is not built yet */
    mayBuild: z.boolean(),
  }),
]);
export type JobEnvironment = z.infer<typeof jobEnvironment>;

/** The container that the script runs in, by the engine of the machine where the job lies. */
export const jobContainer = z
  .object({
    /** the base image, with its registry; null when there is a Dockerfile */
    image: z.string().min(1).nullable(),
    /** text of the Dockerfile that the base is built from; null when there is an image */
    dockerfile: z.string().min(1).nullable(),
    /** under which name (`azureml/<this>`) the image is kept that is built; null when nothing is built */
    builtAs: z
      .string()
      .regex(/^azureml_[0-9a-f]{32}$/)
      .nullable(),
    /** false: fail at once when that image is not built yet */
    mayBuild: z.boolean(),
    /** `wanted`: say so when there is none; `found`: take what is there */
    gpu: z.enum(["wanted", "found"]),
    /** like `2g`; null leaves it to the engine */
    shmSize: z.string().nullable(),
    /** further words of the command that makes the container */
    arguments: z.array(z.string()),
    /** where `image` is pulled from and who asks; the password is the secret REGISTRY_PASSWORD_SECRET of the bundle */
    registry: z.object({ address: z.string().nullable(), username: z.string().nullable() }),
  })
  .refine(
    ({ image, dockerfile }) => (image === null) !== (dockerfile === null),
    "a container needs an image or a Dockerfile, and not both",
  );
export type JobContainer = z.infer<typeof jobContainer>;

/** Name of the secret with the password of the registry; the supervisor uses it, the script does not get it. */
export const REGISTRY_PASSWORD_SECRET = "SWITCHYARD_REGISTRY_PASSWORD";

/** `.switchyard/job.json`: what one job runs. Holds no secret. */
export const jobFile = z.object({
  version: z.literal(1),
  jobId: z.string().min(1),
  runId: z.string().min(1),
  experimentName: z.string(),
  /** the number of the first attempt that this job may claim */
  firstAttempt: z.int().min(1),
  command: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("python"), script: z.string().min(1), arguments: z.array(z.string()) }),
    z.object({ kind: z.literal("command"), argv: z.array(z.string()).min(1) }),
  ]),
  environment: jobEnvironment,
  /** null: the script runs on the machine itself */
  container: jobContainer.nullable().default(null),
  /** for the script's process only; the supervisor adds PYTHONPATH and AZUREML_* paths of the attempt */
  variables: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string()),
  nodes: z.int().min(1),
  processesPerNode: z.int().min(1),
  limits: z.object({
    /** seconds the script may take, or null */
    maxSeconds: z.number().positive().nullable(),
    /** seconds between TERM and KILL */
    graceSeconds: z.number().min(0),
  }),
  logs: z.object({ build: z.string(), control: z.string(), driver: z.string() }),
  /** folders below the working directory that come home while they grow */
  watch: z.array(z.string()),
  /** folders below the working directory that are brought home at the end */
  collect: z.array(z.string()),
  successCodes: z.array(z.int()),
});
export type JobFile = z.infer<typeof jobFile>;
