import { BadRequest, NotImplemented } from "@switchyard/protocol/errors";
import { SERVICE_TYPES } from "@switchyard/protocol/service";
import { defineCommand } from "../../command.ts";
import { choice, count, decimal, pairs, tags, text, toggle } from "../../flags.ts";
import { deploymentFrom } from "../../services/deployment.ts";
import { modelsNamed, SERVICE_FLAGS } from "../../services/flags.ts";
import { followService } from "../../services/follow.ts";
import { inferenceFrom } from "../../services/inference.ts";
import { sendInference } from "../../services/send.ts";
import { tagTexts } from "./facts.ts";

export const deployModel = defineCommand({
  summary: "Deploy models as a web service",
  description:
    "A service is a process of the server's machine that answers requests until it is deleted. `local` gives it a port of that\n" +
    "machine; `aci`, which v1 had in a container instance, is reached through the server and may ask for keys",
  flags: {
    name: text({ short: "n", required: true, help: "name of the service", valueName: "NAME" }),
    ...SERVICE_FLAGS,
    deployConfigFile: text({ aliases: ["dc"], help: "JSON file: computeType, port, authEnabled, …", valueName: "FILE" }),
    computeType: choice(SERVICE_TYPES)({ help: "in place of that file's" }),
    port: count({ help: "port of a local service; a free one when absent" }),
    authEnabled: choice(["true", "false"])({ help: "ask for a key" }),
    cpuCores: decimal({ aliases: ["cc"], help: "cores, which are recorded" }),
    memoryGb: decimal({ long: "memory-gb", aliases: ["gb"], help: "memory in GB, which is recorded" }),
    computeTarget: text({ aliases: ["ct"], help: "cluster of web services (aks): not in this version", valueName: "NAME" }),
    description: text({ short: "d", help: "what it is", valueName: "TEXT" }),
    tag: tags({ help: "set a tag" }),
    property: pairs({ help: "add a property, which stays" }),
    overwrite: toggle({ help: "replace the service of this name" }),
    noWait: toggle({ help: "do not wait until it answers" }),
  },
  examples: [
    ["switchyard model deploy -n digits -m digits:3 --ic inferenceconfig.json --dc deploymentconfig.json", "as v1's command line had it"],
    ["switchyard model deploy -n digits -m digits:3 --entry-script score.py --conda-file env.yml --auth-enabled true", "without files"],
  ],
  async act(context) {
    const { flags, out, world } = context;
    if (flags.computeTarget !== undefined)
      throw new NotImplemented(
        "Clusters of web services (--compute-target) come later. Leave it out: the service then runs on the server's machine.",
      );
    const said = await deploymentFrom(flags.deployConfigFile, world.cwd);
    const inference = await inferenceFrom(flags, world.cwd, (warning) => out.warn(warning));
    if (inference === null) throw new BadRequest("What is to answer? Give --inference-config-file, or --entry-script with an environment.");
    const models = (await modelsNamed(flags, world.cwd)) ?? [];
    const workspace = await context.workspace();
    const description = flags.description ?? said.description;
    const body = {
      name: flags.name,
      models,
      inference: await sendInference(context, inference),
      deployment: { ...said.deployment, ...deploymentOf(flags) },
      ...(description === undefined ? {} : { description }),
      tags: { ...said.tags, ...tagTexts(flags.tag) },
      properties: { ...said.properties, ...flags.property },
      overwrite: flags.overwrite,
    };
    const api = await context.connect();
    const service = await api.deployService({ params: { workspace }, body: body as never, idempotencyKey: crypto.randomUUID() });
    return await followService(context, api, workspace, service, !flags.noWait);
  },
});

interface DeploymentFlags {
  readonly computeType: (typeof SERVICE_TYPES)[number] | undefined;
  readonly port: number | undefined;
  readonly authEnabled: "true" | "false" | undefined;
  readonly cpuCores: number | undefined;
  readonly memoryGb: number | undefined;
}

function deploymentOf({ computeType, port, authEnabled, cpuCores, memoryGb }: DeploymentFlags) {
  return {
    ...(computeType === undefined ? {} : { computeType }),
    ...(port === undefined ? {} : { port }),
    ...(authEnabled === undefined ? {} : { authEnabled: authEnabled === "true" }),
    ...(cpuCores === undefined ? {} : { cpuCores }),
    ...(memoryGb === undefined ? {} : { memoryGB: memoryGb }),
  };
}
