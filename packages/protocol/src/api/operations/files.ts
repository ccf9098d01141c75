import { z } from "zod";
import { instant } from "../../run/run.ts";
import { sha256 } from "../../snapshot/tree.ts";
import { defineOperations } from "../operation.ts";
import { ofRun } from "./params.ts";

export const runFile = z.object({
  /** as in spec 05 §7; files of attempts before the last are below `attempts/<n>/` */
  path: z.string(),
  size: z.int(),
  modifiedUtc: instant,
  /** null while the file still grows */
  sha256: sha256.nullable(),
});
export type RunFile = z.infer<typeof runFile>;

/** Files of runs. */
export const filesOperations = defineOperations({
  listRunFiles: {
    method: "GET",
    path: "/workspaces/{workspace}/runs/{runId}/files",
    tag: "files",
    access: "user or own run",
    above: true,
    summary: "Files of a run by path",
    params: ofRun,
    query: z.object({ prefix: z.string().default("") }),
    response: z.array(runFile),
  },
  readRunFile: {
    method: "GET",
    path: "/workspaces/{workspace}/runs/{runId}/files/{path*}",
    tag: "files",
    access: "user or own run",
    above: true,
    summary: "Bytes of one file; takes Range",
    params: ofRun.extend({ path: z.string() }),
    response: "bytes",
  },
  writeRunFile: {
    method: "PUT",
    path: "/workspaces/{workspace}/runs/{runId}/files/{path*}",
    tag: "files",
    access: "user or own run",
    above: true,
    summary: "Store one file of a run; a name that exists with other bytes is a conflict",
    params: ofRun.extend({ path: z.string() }),
    body: "bytes",
    response: runFile,
  },
});
