import type { DatastoreFile } from "@switchyard/protocol";
import { defineCommand } from "../../command.ts";
import { bringFiles } from "../../files/downloadFiles.ts";
import { text, toggle } from "../../flags.ts";
import type { Client } from "../../world.ts";
import { DATASTORE_OR_DEFAULT, type DatastoreParams, namedDatastore } from "./which.ts";

const PAGE = 5000;

export const downloadFromDatastore = defineCommand({
  summary: "Bring files of a datastore into a folder, each with its whole path",
  flags: {
    ...DATASTORE_OR_DEFAULT,
    targetPath: text({ short: "t", default: ".", help: "folder to write to", valueName: "FOLDER" }),
    prefix: text({ short: "p", default: "", help: "only files whose path begins like this", valueName: "PATH" }),
    overwrite: toggle({ help: "replace files that differ" }),
  },
  examples: [["switchyard datastore download -p iris -t data", "data/iris/…"]],
  async act(context) {
    const { flags, out } = context;
    const { api, params } = await namedDatastore(context);
    const read = (path: string) => api.readDatastoreFile({ params: { ...params, path } });
    const files = await filesOf(api, params, flags.prefix.replace(/^[./]+/, ""));
    const brought = await bringFiles(context, files, read, flags.targetPath, flags.overwrite);
    await out.result(brought.result, { human: () => brought.sentence(`Datastore "${params.name}" has no such files.`) });
  },
});

async function filesOf(api: Client, params: DatastoreParams, prefix: string): Promise<DatastoreFile[]> {
  const files: DatastoreFile[] = [];
  for (let after: string | undefined; ; ) {
    const page = await api.listDatastoreFiles({ params, query: { prefix, limit: PAGE, ...(after === undefined ? {} : { after }) } });
    files.push(...page.items);
    if (page.next === null) return files;
    after = page.next;
  }
}
