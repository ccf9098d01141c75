import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { BadRequest } from "@switchyard/protocol/errors";
import { type Context, defineCommand } from "../../command.ts";
import { choice, pairs, tags, text } from "../../flags.ts";
import { FACT_FLAGS, FRAMEWORKS, factsOf, tagTexts } from "./facts.ts";
import { modelText } from "./views.ts";

export const registerModel = defineCommand({
  summary: "Register a file or folder, of this machine or of a run, as a model or its next version",
  flags: {
    name: text({ short: "n", required: true, help: "name of the model", valueName: "NAME" }),
    modelPath: text({ short: "p", help: "file or folder of this machine", valueName: "PATH" }),
    assetPath: text({ help: "file or folder of a run, such as outputs/model.pkl", valueName: "PATH" }),
    runId: text({ short: "r", help: "the run that has --asset-path, or that the files of --model-path come from", valueName: "RUN" }),
    runMetadataFile: text({ short: "f", help: "file that `run submit-script -t` wrote: names the run", valueName: "FILE" }),
    experimentName: text({ help: "accepted for older scripts; the run's id is enough", valueName: "NAME" }),
    modelFramework: choice(FRAMEWORKS)({ help: "framework of the model" }),
    modelFrameworkVersion: text({ help: "the framework's version", valueName: "VERSION" }),
    ...FACT_FLAGS,
    tag: tags({ help: "set a tag" }),
    property: pairs({ help: "add a property, which stays for good" }),
  },
  examples: [
    ["switchyard model register -n digits -p outputs/model.pkl --model-framework ScikitLearn", "a file of this machine"],
    ["switchyard model register -n digits --asset-path outputs/model.pkl -r RUN", "what a run made; nothing is copied"],
  ],
  async act(context) {
    const { connect, flags, out, workspace } = context;
    const runId = await runOf(context);
    const made = await contentOf(context, runId);
    const model = await (await connect()).registerModel({
      params: { workspace: await workspace() },
      body: {
        name: flags.name,
        ...made,
        ...factsOf(flags),
        ...(flags.modelFramework === undefined ? {} : { framework: flags.modelFramework }),
        ...(flags.modelFrameworkVersion === undefined ? {} : { frameworkVersion: flags.modelFrameworkVersion }),
        tags: tagTexts(flags.tag),
        properties: { ...flags.property },
      },
    });
    await out.result(model, { human: () => `Registered ${model.id}.\n\n${modelText(model)}` });
  },
});

type Asked = Pick<Context, "connect" | "sdk" | "out" | "world"> & {
  readonly flags: {
    readonly modelPath: string | undefined;
    readonly assetPath: string | undefined;
    readonly runId: string | undefined;
    readonly runMetadataFile: string | undefined;
  };
};

async function contentOf({ connect, sdk, flags: { modelPath, assetPath }, out, world }: Asked, runId: string | undefined) {
  if ((modelPath === undefined) === (assetPath === undefined)) {
    throw new BadRequest("What is registered? Give -p/--model-path for a file or folder of this machine, or --asset-path with --run-id.");
  }
  if (assetPath !== undefined) {
    if (runId !== undefined) return { fromRun: { runId, path: assetPath.replace(/\/+$/, "") } };
    throw new BadRequest("Whose files? --asset-path is a path in a run: give the run with -r/--run-id, or with -f.");
  }
  const api = await connect();
  const { sendFiles } = await sdk();
  const path = resolve(world.cwd, modelPath as string);
  const sent = await out.progress.during("Sending files …", (say) => sendFiles(api, path, { say }));
  return { files: { path: sent.path, content: [...sent.content] }, ...(runId === undefined ? {} : { runId }) };
}

/** The run that the options name. */
async function runOf({ flags: { runId, runMetadataFile }, world }: Asked): Promise<string | undefined> {
  if (runMetadataFile === undefined) return runId;
  const file = resolve(world.cwd, runMetadataFile);
  const named = nameIn(await readFile(file, "utf8"));
  if (named === null) throw new BadRequest(`"${file}" names no run: it is to be what \`run submit-script -t FILE\` wrote.`);
  if (runId !== undefined && runId !== named) throw new BadRequest(`Two runs are named: ${runId}, and ${named} in "${file}".`);
  return named;
}

function nameIn(text: string): string | null {
  try {
    const { runId, run_id, id } = JSON.parse(text) as Record<string, unknown>;
    const found = runId ?? run_id ?? id;
    return typeof found === "string" && found !== "" ? found : null;
  } catch {
    return null;
  }
}
