import { z } from "zod";

/** Between the server and the process that answers for a service (`switchyard_client/serving`). */
export const SERVING = {
  /** below `attempts/<n>/`: what that process tells, a line of JSON each */
  told: "serving/told.jsonl",
  /** where it lies in every job directory, relative to the working directory */
  program: "../.switchyard/python/switchyard_client/serving/main.py",
  /** variables of its process */
  port: "SWITCHYARD_SERVICE_PORT",
  portIsFixed: "SWITCHYARD_SERVICE_PORT_FIXED",
  name: "SWITCHYARD_SERVICE_NAME",
  /** with this, only requests that carry it in the header are answered: those that came through the server */
  secret: "SWITCHYARD_SERVICE_SECRET",
  secretHeader: "x-switchyard-service-secret",
  /** the folder below which all models of the service lie, as `<name>/<version>/` */
  models: "SWITCHYARD_MODELS_DIR",
  modelFolder: "azureml-models",
} as const;

/** One line of it. `failed` comes instead of `ready`, and is the last. */
export const servingTold = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("listening"), port: z.int().min(1).max(65_535) }),
  z.object({ kind: z.literal("ready") }),
  z.object({ kind: z.literal("failed"), code: z.string(), message: z.string() }),
]);
export type ServingTold = z.infer<typeof servingTold>;
