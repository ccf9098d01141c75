import { z } from "zod";
import { instant } from "../../run/run.ts";
import { defineOperations } from "../operation.ts";

export const serverStatus = z.object({
  pid: z.int(),
  url: z.string(),
  version: z.string(),
  home: z.string(),
  database: z.string(),
  startedUtc: instant,
  instance: z.string(),
  runs: z.record(z.string(), z.int()),
});
export type ServerStatus = z.infer<typeof serverStatus>;

export const gcReport = z.object({
  dryRun: z.boolean(),
  blobs: z.object({ count: z.int(), bytes: z.int() }),
  runDirectories: z.object({ count: z.int(), bytes: z.int() }),
  /** copies of supervisor and Python client that only removed run directories used */
  toolkits: z.object({ count: z.int(), bytes: z.int() }).default({ count: 0, bytes: 0 }),
  environments: z.object({ count: z.int(), bytes: z.int(), names: z.array(z.string()) }),
});
export type GcReport = z.infer<typeof gcReport>;

/** The server itself. */
export const serverOperations = defineOperations({
  serverStatus: {
    method: "GET",
    path: "/status",
    tag: "server",
    access: "user",
    summary: "What this server is and how busy it is",
    response: serverStatus,
  },
  stopServer: {
    method: "POST",
    path: "/shutdown",
    tag: "server",
    access: "user",
    summary: "Stop this server gracefully; runs go on",
    response: "none",
  },
  collectGarbage: {
    method: "POST",
    path: "/gc",
    tag: "server",
    access: "user",
    summary: "Free unreferenced blobs, old environments and run directories",
    body: z.object({
      dryRun: z.boolean().default(true),
      environmentsUnusedDays: z.number().min(0).default(30),
      only: z
        .array(z.enum(["blobs", "runDirectories", "environments"]))
        .optional()
        .describe("leave the rest alone"),
    }),
    response: gcReport,
  },
});
