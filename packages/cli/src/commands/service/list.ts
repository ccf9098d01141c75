import { SERVICE_TYPES } from "@switchyard/protocol/service";
import { defineCommand } from "../../command.ts";
import { choice, tags, text } from "../../flags.ts";
import { serviceRow } from "./views.ts";

export const listServices = defineCommand({
  summary: "List web services",
  flags: {
    computeType: choice(SERVICE_TYPES)({ short: "c", help: "only those of this kind" }),
    modelId: text({ help: "only those that use this model, as NAME:VERSION", valueName: "ID" }),
    modelName: text({ help: "only those that use some version of this model", valueName: "NAME" }),
    tag: tags({ help: "only those with this tag" }),
    property: tags({ help: "only those with this property" }),
  },
  examples: [
    ["switchyard service list -o table", "what answers, and where"],
    ["switchyard service list --model-id digits:3", "which services use a model"],
  ],
  async act({ connect, flags, out, workspace }) {
    const query = {
      tag: labelsOf(flags.tag),
      property: labelsOf(flags.property),
      ...(flags.computeType === undefined ? {} : { computeType: flags.computeType }),
      ...(flags.modelId === undefined ? {} : { modelId: flags.modelId }),
      ...(flags.modelName === undefined ? {} : { modelName: flags.modelName }),
    };
    const services = await (await connect()).listServices({ params: { workspace: await workspace() }, query });
    await out.result(services, { rows: () => services.map(serviceRow), cellWidth: 90 });
  },
});

const labelsOf = (labels: Readonly<Record<string, string | null>>): string[] =>
  Object.entries(labels).map(([name, value]) => (value === null ? name : `${name}=${value}`));
