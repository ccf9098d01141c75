import { z } from "zod";
import { sha256, snapshot, treeEntry } from "../../snapshot/tree.ts";
import { defineOperations } from "../operation.ts";
import { inWorkspace } from "./params.ts";

/** Blobs and snapshots. */
export const snapshotsOperations = defineOperations({
  missingBlobs: {
    method: "POST",
    path: "/blobs/missing",
    tag: "snapshots",
    access: "user or own run",
    summary: "Which of these blobs the server does not have yet",
    body: z.object({ sha256: z.array(sha256).max(100_000) }),
    response: z.object({ missing: z.array(sha256) }),
  },
  putBlob: {
    method: "PUT",
    path: "/blobs/{sha256}",
    tag: "snapshots",
    access: "user or own run",
    summary: "Store one blob; its bytes must have this SHA-256",
    params: z.object({ sha256 }),
    body: "bytes",
    response: "none",
  },
  putBlobs: {
    method: "POST",
    path: "/blobs",
    tag: "snapshots",
    access: "user or own run",
    summary: "Store many blobs in one body: for each a 32-byte SHA-256, an 8-byte big-endian length, and its bytes",
    body: "bytes",
    response: z.object({ stored: z.int() }),
  },
  createSnapshot: {
    method: "POST",
    path: "/workspaces/{workspace}/snapshots",
    tag: "snapshots",
    access: "user or own run",
    idempotent: true,
    summary: "Name a tree whose blobs are all there",
    params: inWorkspace,
    body: z.object({ root: sha256 }),
    response: snapshot,
  },
  getSnapshot: {
    method: "GET",
    path: "/workspaces/{workspace}/snapshots/{snapshotId}",
    tag: "snapshots",
    access: "user or own run",
    summary: "One snapshot",
    params: inWorkspace.extend({ snapshotId: z.string() }),
    response: snapshot,
  },
  listSnapshotFolder: {
    method: "GET",
    path: "/workspaces/{workspace}/snapshots/{snapshotId}/tree",
    tag: "snapshots",
    access: "user or own run",
    summary: "Entries of one folder of a snapshot",
    params: inWorkspace.extend({ snapshotId: z.string() }),
    query: z.object({ folder: z.string().default("") }),
    response: z.array(treeEntry),
  },
  readSnapshotFile: {
    method: "GET",
    path: "/workspaces/{workspace}/snapshots/{snapshotId}/files/{path*}",
    tag: "snapshots",
    access: "user or own run",
    summary: "Bytes of one file of a snapshot",
    params: inWorkspace.extend({ snapshotId: z.string(), path: z.string() }),
    response: "bytes",
  },
});
