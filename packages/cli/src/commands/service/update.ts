import { BadRequest } from "@switchyard/protocol/errors";
import { defineCommand } from "../../command.ts";
import { choice, count, pairs, tags, text, texts, toggle } from "../../flags.ts";
import { deploymentFrom } from "../../services/deployment.ts";
import { modelsNamed, SERVICE_FLAGS } from "../../services/flags.ts";
import { followService } from "../../services/follow.ts";
import { inferenceFrom } from "../../services/inference.ts";
import { sendInference } from "../../services/send.ts";
import { tagTexts } from "../model/facts.ts";
import { namedService, SERVICE_NAME } from "./which.ts";

export const updateService = defineCommand({
  summary: "Change a web service: other models or another script start it again",
  flags: {
    ...SERVICE_NAME,
    ...SERVICE_FLAGS,
    deployConfigFile: text({ aliases: ["dc"], help: "JSON file: port, authEnabled, …; the kind stays", valueName: "FILE" }),
    port: count({ help: "another port of a local service" }),
    authEnabled: choice(["true", "false"])({ help: "ask for a key, or do not" }),
    description: text({ short: "d", help: "what it is", valueName: "TEXT" }),
    addTag: tags({ aliases: ["tag"], help: "set a tag" }),
    removeTag: texts({ help: "remove a tag", valueName: "KEY" }),
    addProperty: pairs({ aliases: ["property"], help: "add a property; one that is there with another value is refused" }),
    noWait: toggle({ help: "do not wait until it answers again" }),
  },
  examples: [
    ["switchyard service update -n digits -m digits:4", "another version of the model"],
    ["switchyard service update -n digits --auth-enabled true --add-tag live", "its process goes on"],
  ],
  async act(context) {
    const { flags, out, world } = context;
    const { name: _, noWait: __, ...asked } = flags;
    if (Object.values(asked).every(isNothing))
      throw new BadRequest("Nothing to change. Give -m, --ic, --auth-enabled, --add-tag or --description.");
    const inference = await inferenceFrom(flags, world.cwd, (warning) => out.warn(warning));
    const models = await modelsNamed(flags, world.cwd);
    const deployment = {
      ...(flags.deployConfigFile === undefined ? {} : (await deploymentFrom(flags.deployConfigFile, world.cwd)).deployment),
      ...(flags.port === undefined ? {} : { port: flags.port }),
      ...(flags.authEnabled === undefined ? {} : { authEnabled: flags.authEnabled === "true" }),
    };
    const { api, params } = await namedService(context);
    const was = await api.getService({ params });
    const kept = Object.entries(was.tags).filter(([name]) => !flags.removeTag.includes(name));
    const body = {
      tags: { ...Object.fromEntries(kept), ...tagTexts(flags.addTag) },
      properties: { ...flags.addProperty },
      ...(flags.description === undefined ? {} : { description: flags.description }),
      ...(models === null ? {} : { models }),
      ...(inference === null ? {} : { inference: await sendInference(context, inference) }),
      ...(isNothing(deployment) ? {} : { deployment }),
    };
    const service = await api.updateService({ params, body: body as never });
    return await followService(context, api, params.workspace, service, !flags.noWait && service.state === "Transitioning");
  },
});

const isNothing = (value: unknown): boolean =>
  value === undefined || (typeof value === "object" && value !== null && Object.keys(value).length === 0);
