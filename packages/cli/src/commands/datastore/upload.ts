import { basename, resolve } from "node:path";
import { BadRequest } from "@switchyard/protocol/errors";
import { defineCommand } from "../../command.ts";
import { text, toggle } from "../../flags.ts";
import { bytesInWords, counted } from "../../output/words.ts";
import { DATASTORE_OR_DEFAULT, namedDatastore } from "./which.ts";

/** So many files are named in one request. */
const FILES_AT_ONCE = 10_000;

export const uploadToDatastore = defineCommand({
  summary: "Upload a file or a folder to a datastore",
  description:
    "Only bytes that the server lacks travel, so an upload that was cut off goes on when it is started again.\n" +
    "Files that are there with other bytes are kept, and named, unless --overwrite is given",
  flags: {
    ...DATASTORE_OR_DEFAULT,
    srcPath: text({ short: "l", help: "file or folder to upload", valueName: "PATH" }),
    src: text({ short: "p", help: "the same, as some guides to Azure ML v1 write it", valueName: "PATH" }),
    targetPath: text({ short: "u", default: "", help: "folder on the datastore", valueName: "PATH" }),
    overwrite: toggle({ help: "replace files that differ" }),
  },
  examples: [
    ["switchyard datastore upload -l ./data -u iris", "what is in ./data, below iris on the default datastore"],
    ["switchyard datastore upload -n shared -l train.csv -u sets --overwrite", "one file, replaced if it is there"],
  ],
  async act(context) {
    const { flags, out, world } = context;
    const source = flags.srcPath ?? flags.src;
    if (source === undefined) throw new BadRequest("Which file or folder is to be uploaded? Give it with -l PATH.");
    const local = resolve(world.cwd, source);
    const { api, params } = await namedDatastore(context);
    const { sendFiles } = await context.sdk();
    const sent = await out.progress.during("Reading …", (say) => sendFiles(api, local, { say }));
    const isFile = sent.files.length === 1 && sent.files[0]?.path === basename(local);
    const files = sent.files.map(({ path, ...file }) => ({ ...file, path: placeOf(flags.targetPath, isFile ? path : below(path)) }));
    const total = { added: 0, same: 0, skipped: [] as string[] };
    for (let at = 0; at < files.length; at += FILES_AT_ONCE) {
      const part = files.slice(at, at + FILES_AT_ONCE);
      const answer = await api.addDatastoreFiles({ params, body: { files: part, existing: flags.overwrite ? "replace" : "skip" } });
      total.added += answer.added;
      total.same += answer.same;
      total.skipped.push(...answer.skipped);
    }
    for (const path of total.skipped) out.warn(`"${path}" is there with other bytes and was kept; --overwrite replaces it.`);
    await out.result(
      { datastore: params.name, ...total },
      { human: () => `Uploaded ${counted(total.added, "file")} of ${bytesInWords(sent.bytes)} to ${params.name}${same(total.same)}.` },
    );
  },
});

const below = (path: string): string => path.slice(path.indexOf("/") + 1);
const same = (count: number): string => (count === 0 ? "" : `; ${counted(count, "file was", "files were")} there already`);

function placeOf(folder: string, name: string): string {
  const parts = `${folder}/${name}`.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) throw new BadRequest(`"${folder}" leads out of the datastore: leave out the "..".`);
  return parts.join("/");
}
