import { z } from "zod";
import { datastore, datastoreFile, newDatastore } from "../../data/datastore.ts";
import { datastoreName } from "../../data/names.ts";
import { jsonObject } from "../../json.ts";
import { sha256 } from "../../snapshot/tree.ts";
import { defineOperations } from "../operation.ts";
import { pageOf, pageQuery } from "../page.ts";
import { inWorkspace } from "./params.ts";

const named = inWorkspace.extend({ name: z.string() });
const path = "/workspaces/{workspace}/datastores/{name}";

/** Datastores and the files on them. */
export const datastoresOperations = defineOperations({
  listDatastores: {
    method: "GET",
    path: "/workspaces/{workspace}/datastores",
    tag: "datastores",
    access: "user or own run",
    summary: "List datastores by name",
    params: inWorkspace,
    response: z.array(datastore),
  },
  getDatastore: {
    method: "GET",
    path,
    tag: "datastores",
    access: "user or own run",
    summary: "One datastore",
    params: named,
    response: datastore,
  },
  registerDatastore: {
    method: "POST",
    path: "/workspaces/{workspace}/datastores",
    tag: "datastores",
    access: "user",
    summary: "Register storage that exists; nothing there is changed",
    params: inWorkspace,
    body: newDatastore,
    response: datastore,
  },
  unregisterDatastore: {
    method: "DELETE",
    path,
    tag: "datastores",
    access: "user",
    summary: "Forget a datastore; the storage behind it stays as it is",
    params: named,
    response: "none",
  },
  getDatastoreCredentials: {
    method: "POST",
    path: `${path}/credentials`,
    tag: "datastores",
    access: "user",
    summary: "The credentials that were stored for a datastore",
    params: named,
    response: jsonObject,
  },
  getDefaultDatastore: {
    method: "GET",
    path: "/workspaces/{workspace}/default-datastore",
    tag: "datastores",
    access: "user or own run",
    summary: "The datastore that is meant where none is named",
    params: inWorkspace,
    response: datastore,
  },
  setDefaultDatastore: {
    method: "PUT",
    path: "/workspaces/{workspace}/default-datastore",
    tag: "datastores",
    access: "user",
    summary: "Choose the datastore that is meant where none is named",
    params: inWorkspace,
    body: z.object({ name: datastoreName }),
    response: datastore,
  },
  listDatastoreFiles: {
    method: "GET",
    path: `${path}/files`,
    tag: "datastores",
    access: "user or own run",
    summary: "Files on a datastore by path; a prefix, or a glob with * and **",
    params: named,
    query: pageQuery.extend({ prefix: z.string().default(""), glob: z.string().optional() }),
    response: pageOf(datastoreFile),
  },
  readDatastoreFile: {
    method: "GET",
    path: `${path}/files/{path*}`,
    tag: "datastores",
    access: "user or own run",
    summary: "Bytes of one file on a datastore; takes Range",
    params: named.extend({ path: z.string() }),
    response: "bytes",
  },
  addDatastoreFiles: {
    method: "POST",
    path: `${path}/files`,
    tag: "datastores",
    access: "user or own run",
    summary: "Put files on a datastore whose blobs are stored already; all of them or none",
    params: named,
    body: z.object({
      files: z.array(z.object({ path: z.string(), sha256, size: z.int().min(0) })).max(50_000),
      /** what becomes of files that are there with other bytes: replaced, left as they are, or nothing is put there at all */
      existing: z.enum(["replace", "skip", "refuse"]).default("refuse"),
    }),
    response: z.object({ added: z.int(), same: z.int(), skipped: z.array(z.string()) }),
  },
  removeDatastoreFiles: {
    method: "POST",
    path: `${path}/remove`,
    tag: "datastores",
    access: "user",
    summary: "Remove a file, or all files of a folder, from a datastore that the server keeps itself",
    params: named,
    body: z.object({ path: z.string() }),
    response: z.object({ removed: z.int() }),
  },
});
