import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { BadRequest, NotFound } from "@switchyard/protocol/errors";
import { defineCommand } from "../../command.ts";
import { text, toggle } from "../../flags.ts";
import { readDatasetFile, TEMPLATE } from "./template.ts";
import { datasetText } from "./views.ts";

export const registerDataset = defineCommand({
  summary: "Register a dataset that a JSON file describes",
  description: "It is looked at once whether there is a file that it names, unless --skip-validation is given",
  flags: {
    file: text({ short: "f", help: "JSON file", valueName: "FILE" }),
    showTemplate: toggle({ help: "show what such a file looks like" }),
    skipValidation: toggle({ help: "register it even when no file is there yet" }),
  },
  examples: [
    ["switchyard dataset register --show-template > iris.json", "a file to begin with"],
    ["switchyard dataset register -f iris.json", "registers it, or its next version"],
  ],
  async act({ connect, flags, out, workspace, world }) {
    if (flags.showTemplate) return await out.result(TEMPLATE, { human: () => JSON.stringify(TEMPLATE, null, 2) });
    if (flags.file === undefined)
      throw new BadRequest("Which file describes the dataset? Give it with -f FILE; --show-template shows one.");
    const { definition, registration } = readDatasetFile(await textOf(resolve(world.cwd, flags.file)), flags.file);
    const params = { workspace: await workspace() };
    const api = await connect();
    if (!flags.skipValidation) {
      const { datasetId } = await api.saveDataset({ params, body: { definition } });
      const files = await api.listDatasetFiles({ params: { ...params, datasetId } });
      if (files.length === 0)
        throw new NotFound("The dataset matches no file. Upload the files first, correct the path, or give --skip-validation.");
    }
    const dataset = await api.registerDataset({ params, body: { ...registration, definition } });
    await out.result(dataset, { human: () => datasetText(dataset) });
  },
});

async function textOf(path: string): Promise<string> {
  return await readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
    throw new NotFound(`${path} cannot be read: ${cause.code === "ENOENT" ? "there is no such file" : cause.message}.`, { cause });
  });
}
