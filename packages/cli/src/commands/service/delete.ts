import { defineCommand } from "../../command.ts";
import { namedService, SERVICE_NAME } from "./which.ts";

export const deleteService = defineCommand({
  summary: "Delete a web service and end its processes",
  flags: SERVICE_NAME,
  examples: [["switchyard service delete -n digits", "its models stay"]],
  async act(context) {
    const { api, params } = await namedService(context);
    await api.deleteService({ params });
    await context.out.result({ name: params.name, deleted: true }, { human: () => `Deleted web service "${params.name}".` });
  },
});
