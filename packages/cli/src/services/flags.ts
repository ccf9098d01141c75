import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { BadRequest } from "@switchyard/protocol/errors";
import { partsOf } from "../commands/model/which.ts";
import { text, texts } from "../flags.ts";

/** What a service runs and uses: of `model deploy` and `service update`. */
export const SERVICE_FLAGS = {
  model: texts({ short: "m", help: "a model as NAME:VERSION; repeatable", valueName: "ID" }),
  modelMetadataFile: text({ short: "f", help: "file that `model register -t` wrote: names the model", valueName: "FILE" }),
  inferenceConfigFile: text({ aliases: ["ic"], help: "JSON file: entry script, source directory, environment", valueName: "FILE" }),
  entryScript: text({ aliases: ["es"], help: "Python file with init() and run()", valueName: "FILE" }),
  sourceDirectory: text({
    aliases: ["sd"],
    help: "folder that travels with the entry script; without one it travels alone",
    valueName: "FOLDER",
  }),
  envName: text({ short: "e", aliases: ["environment-name"], help: "environment of the workspace", valueName: "NAME" }),
  envVersion: text({ aliases: ["ev", "environment-version"], help: "its version; the newest when absent", valueName: "VERSION" }),
  condaFile: text({ aliases: ["cf"], help: "conda file of the environment", valueName: "FILE" }),
  baseImage: text({ aliases: ["bi"], help: "image that the service runs in, where Docker is found", valueName: "IMAGE" }),
  runtime: text({ aliases: ["rt"], help: "python, as older scripts say it", valueName: "WORD" }),
};

/** The models that the options name; null when they name none. */
export async function modelsNamed(
  { model, modelMetadataFile }: { readonly model: readonly string[]; readonly modelMetadataFile: string | undefined },
  cwd: string,
): Promise<{ name: string; version: number }[] | null> {
  const ids = [...model, ...(modelMetadataFile === undefined ? [] : [await idIn(resolve(cwd, modelMetadataFile))])];
  return ids.length === 0 ? null : ids.map(partsOf);
}

async function idIn(file: string): Promise<string> {
  const text = await readFile(file, "utf8");
  try {
    const { modelId, id } = JSON.parse(text) as Record<string, unknown>;
    const found = modelId ?? id;
    if (typeof found === "string" && found !== "") return found;
  } catch {}
  throw new BadRequest(`"${file}" names no model: it is to be what \`model register -t FILE\` wrote.`);
}
