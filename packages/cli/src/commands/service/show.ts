import { defineCommand } from "../../command.ts";
import { serviceText } from "./views.ts";
import { namedService, SERVICE_NAME } from "./which.ts";

export const showService = defineCommand({
  summary: "Show a web service: its state, its addresses, what it runs",
  flags: SERVICE_NAME,
  examples: [["switchyard service show -n digits", "and why it failed, if it did"]],
  async act(context) {
    const { api, params } = await namedService(context);
    const service = await api.getService({ params });
    await context.out.result(service, { human: () => serviceText(service) });
  },
});
